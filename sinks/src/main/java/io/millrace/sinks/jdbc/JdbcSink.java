package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Ledgered;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.RowSink;
import io.millrace.engine.spi.RowWriter;
import io.millrace.engine.spi.Write;
import io.millrace.engine.spi.Writing;
import io.millrace.sinks.pool.JdbcPool;
import io.millrace.sinks.pool.Pools;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.SparkEnv;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** Rows into a table; each batch and its number in one transaction. */
public record JdbcSink(JdbcSettings settings) implements RowSink<JdbcReceipt>, Ledgered {

  @Override
  public Guarantee guarantee(Writing how) {
    if (how.write() == Write.MERGE || how.write() == Write.DELETE) {
      throw new IllegalArgumentException(
          "Cannot write like this: %s is not supported yet. Use append or upsert"
              .formatted(how.write().name().toLowerCase(Locale.ROOT)));
    }
    if (how.write() == Write.UPSERT && settings.keys().isEmpty()) {
      throw new IllegalArgumentException(
          "Missing keys for upsert. Name the columns that identify a row, for example keys: [id]");
    }
    if (how.mode() == Mode.UPDATE && how.write() != Write.UPSERT) {
      throw new IllegalArgumentException(
          "Cannot append in output mode update: each change of a result would become a row of its"
              + " own. Use write: upsert with keys");
    }
    return Guarantee.EXACTLY_ONCE;
  }

  @Override
  public Fence<JdbcReceipt> start(Identity who, Writing how, StructType rows) {
    guarantee(how);
    checkLocal();
    return new JdbcFence(settings, who, how, rows);
  }

  @Override
  public RowWriter<JdbcReceipt> writer(Attempt attempt) {
    OpenBatch open = OpenBatch.of(attempt.who(), attempt.batch());
    Dialect dialect = Dialect.of(settings.url());
    JdbcWriter.Chunk chunk =
        dialect == Dialect.POSTGRESQL
            ? new Chunks.Encoded(new CopyEncoder(open.target(), attempt.rows()))
            : new Chunks.Plain(new PlainValues(dialect, open.target(), attempt.rows()));
    return new JdbcWriter(open, chunk, settings.form() == JdbcSettings.Form.INLINE);
  }

  @Override
  public Optional<Held> held(SparkSession spark, Identity who) {
    return pool().borrow(connection -> ledger(connection, who).held(connection));
  }

  @Override
  public void adopt(SparkSession spark, Identity who, long batch) {
    pool()
        .inTransaction(
            connection -> {
              Ledger ledger = ledger(connection, who);
              if (ledger.held(connection).isPresent()) {
                ledger.adopt(connection, batch);
              }
              return batch;
            });
  }

  private JdbcPool pool() {
    return Pools.jdbc(settings.database());
  }

  /** Beside the table, where that is already there. */
  private Ledger ledger(Connection connection, Identity who) throws SQLException {
    Dialect dialect = Dialect.of(settings.url());
    TableName wanted = TableName.of(settings.table());
    return new Ledger(dialect, Tables.find(dialect, connection, wanted).orElse(wanted), who);
  }

  private static void checkLocal() {
    SparkEnv environment = SparkEnv.get();
    String master = environment == null ? "local" : environment.conf().get("spark.master", "local");
    if (!master.matches("local(\\[.*])?")) {
      throw new IllegalArgumentException(
          "Cannot write to a database from the master %s: staged delivery is not supported yet. Use --master 'local[*]'"
              .formatted(master));
    }
  }
}
