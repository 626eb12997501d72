package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.Writing;
import io.millrace.sinks.pool.JdbcPool;
import io.millrace.sinks.pool.Pools;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** The driver's side: one transaction per batch, which holds its rows and its number. */
final class JdbcFence implements Fence<JdbcReceipt> {
  private static final String STAGE = "pg_temp.\"millrace_batch\"";

  private final JdbcSettings settings;
  private final Dialect dialect;
  private final Identity who;
  private final Writing how;
  private final JdbcPool pool;
  private final Target target;
  private final Ledger ledger;
  private final long epoch;
  private @Nullable OpenBatch open;

  JdbcFence(JdbcSettings settings, Identity who, Writing how, StructType rows) {
    this.settings = settings;
    this.dialect = Dialect.of(settings.url());
    this.who = who;
    this.how = how;
    this.pool = Pools.jdbc(settings.database());
    this.target =
        pool.borrow(connection -> new Tables(settings, rows).target(connection, who, how.write()));
    this.ledger = new Ledger(dialect, target.table(), who);
    this.epoch =
        pool.borrow(
            connection -> {
              ledger.create(connection);
              return pool.inTransaction(ledger::raise);
            });
  }

  @Override
  public long last() {
    return pool.borrow(ledger::last);
  }

  @Override
  public void begin(long batch) {
    OpenBatch next = OpenBatch.open(who, batch, pool, target, copyInto(), dialect.insert(target));
    open = next;
    try {
      prepare(next);
    } catch (SQLException e) {
      throw pool.failed(e);
    }
  }

  private void prepare(OpenBatch next) throws SQLException {
    Connection connection = next.connection();
    connection.setAutoCommit(false);
    long wait = settings.lockTimeout().toMillis();
    long run = settings.statementTimeout().map(limit -> limit.toMillis()).orElse(0L);
    switch (dialect) {
      case POSTGRESQL -> {
        next.execute("set local lock_timeout = " + wait);
        next.execute("set local statement_timeout = " + run);
      }
      case H2 -> {
        next.execute("set lock_timeout " + wait);
        next.execute("set query_timeout " + run);
      }
      case SQLITE -> next.execute("pragma busy_timeout = " + wait);
    }
    if (staged()) {
      next.execute(stage());
    }
    if (how.mode() == Mode.COMPLETE) {
      next.execute("delete from " + target.table().sql());
    }
    if (dialect == Dialect.POSTGRESQL) {
      next.execute("set local statement_timeout = 0");
    }
  }

  @Override
  public void commit(long batch, List<JdbcReceipt> receipts) {
    OpenBatch now = opened(batch);
    try {
      for (JdbcReceipt receipt : receipts) {
        if (receipt.inline().length > 0) {
          now.copy(receipt.inline(), receipt.inline().length);
        }
      }
      long told = receipts.stream().mapToLong(JdbcReceipt::rows).sum();
      long taken = now.finish();
      if (taken != told) {
        throw new IllegalStateException(
            "Cannot commit batch %d of sink %s: tasks wrote %d rows, the database took %d"
                .formatted(batch, who.sink(), told, taken));
      }
      settle(now, batch, told);
    } catch (SQLException e) {
      throw pool.failed(e);
    } finally {
      open = null;
      now.close();
    }
  }

  /** Nothing is written if the ledger has the batch already: closing then rolls back. */
  private void settle(OpenBatch now, long batch, long rows) throws SQLException {
    Connection connection = now.connection();
    if (dialect == Dialect.POSTGRESQL) {
      long run = settings.statementTimeout().map(limit -> limit.toMillis()).orElse(0L);
      now.execute("set local statement_timeout = " + run);
    }
    Optional<Ledger.Entry> entry = ledger.lock(connection);
    if (entry.isEmpty() || entry.get().epoch() != epoch) {
      throw new IllegalStateException(
          "Cannot commit batch %d of sink %s: fenced by epoch %s, this start has epoch %d"
              .formatted(
                  batch,
                  who.sink(),
                  entry.map(found -> Long.toString(found.epoch())).orElse("none"),
                  epoch));
    }
    if (entry.get().last() >= batch) {
      return;
    }
    if (staged() && rows > 0) {
      now.execute(merge());
    }
    ledger.write(connection, batch, rows);
    connection.commit();
  }

  @Override
  public void abort(long batch) {
    OpenBatch now = open;
    open = null;
    if (now != null) {
      now.close();
    }
  }

  @Override
  public void close() {
    abort(-1);
  }

  private OpenBatch opened(long batch) {
    OpenBatch now = open;
    if (now == null) {
      throw new IllegalStateException("Cannot commit batch " + batch + ", which was not begun");
    }
    return now;
  }

  private boolean staged() {
    return dialect == Dialect.POSTGRESQL && !target.keys().isEmpty();
  }

  private String copyInto() {
    String columns = Dialect.names(target.names());
    return staged()
        ? "copy %s (%s, \"_number\") from stdin (format binary)".formatted(STAGE, columns)
        : "copy %s (%s) from stdin (format binary)".formatted(target.table().sql(), columns);
  }

  private String stage() {
    String columns =
        target.columns().stream()
            .map(column -> TableName.quoted(column.name()) + " " + column.declared())
            .collect(Collectors.joining(", "));
    return "create temporary table \"millrace_batch\" (%s, \"_number\" bigint) on commit drop"
        .formatted(columns);
  }

  /** The last row of each key replaces the one that is there. */
  private String merge() {
    String columns = Dialect.names(target.names());
    String keys = Dialect.names(target.keys());
    return "insert into %s (%s) select distinct on (%s) %s from %s order by %s, \"_number\" desc%s"
        .formatted(
            target.table().sql(), columns, keys, columns, STAGE, keys, Dialect.conflict(target));
  }
}
