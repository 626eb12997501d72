package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Archive;
import io.millrace.engine.spi.Archived;
import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Ledgered;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.Order;
import io.millrace.engine.spi.RowSink;
import io.millrace.engine.spi.RowWriter;
import io.millrace.engine.spi.Stored;
import io.millrace.engine.spi.Write;
import io.millrace.engine.spi.Writing;
import io.millrace.sinks.pool.JdbcPool;
import io.millrace.sinks.pool.SharedJvm;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** Rows into a table; each batch and its number in one transaction. */
public record JdbcSink(JdbcSettings settings)
    implements RowSink<JdbcReceipt>, Ledgered, Stored, Archived {

  @Override
  public RowSink<?> inRealTime(Writing how) {
    if (Dialect.of(settings.url()) != Dialect.POSTGRESQL) {
      throw new IllegalArgumentException(
          "can do so in PostgreSQL only. Write there, or with a trigger such as 10s");
    }
    if (how.write() != Write.APPEND) {
      throw new IllegalArgumentException(
          "replaces rows batch by batch. Use write: append, or a trigger such as 10s");
    }
    return new PromptJdbcSink(settings);
  }

  @Override
  public Order order(Writing how) {
    if (!settings.orderBy().isEmpty()) {
      return new Order.ByColumns(settings.orderBy());
    }
    return how.write() == Write.APPEND
        ? new Order.Lost("a table has no order; with write: upsert the last row of a key wins")
        : new Order.Kept();
  }

  @Override
  public Guarantee guarantee(Writing how) {
    switch (how.write()) {
      case APPEND -> appends(how);
      case UPSERT, MERGE -> merges(how);
      case DELETE ->
          throw new IllegalArgumentException(
              "Cannot only delete in a database: this is not supported yet. Use write: merge with"
                  + " delete-when");
    }
    return Guarantee.EXACTLY_ONCE;
  }

  private void appends(Writing how) {
    if (how.mode() == Mode.UPDATE) {
      throw new IllegalArgumentException(
          "Cannot append in output mode update: each change of a result would become a row of its"
              + " own. Use write: upsert with keys");
    }
    Map<String, Boolean> unused = new LinkedHashMap<>();
    unused.put("order-by", !settings.orderBy().isEmpty());
    unused.put("delete-when", settings.deleteWhen().isPresent());
    unused.put("existing: keep", keeps());
    unused.forEach(
        (setting, there) -> {
          if (there) {
            throw new IllegalArgumentException(
                "Cannot use %s to append: rows are added as they come. Use write: upsert or write: merge"
                    .formatted(setting));
          }
        });
  }

  private void merges(Writing how) {
    String verb = how.write().verb();
    if (settings.keys().isEmpty()) {
      throw new IllegalArgumentException(
          "Missing keys for %s. Name the columns that identify a row, for example keys: [id]"
              .formatted(verb));
    }
    if (how.write() == Write.UPSERT && settings.deleteWhen().isPresent()) {
      throw new IllegalArgumentException(
          "Cannot use delete-when to upsert: rows are only inserted and replaced. Use write:"
              + " merge");
    }
    if (how.write() == Write.MERGE && settings.deleteWhen().isEmpty()) {
      throw new IllegalArgumentException(
          "Missing delete-when for merge. Name the rows that delete, for example delete-when: op ="
              + " 'd'; or use write: upsert");
    }
    if (how.write() == Write.MERGE && how.mode() == Mode.COMPLETE) {
      throw new IllegalArgumentException(
          "Cannot merge in mode complete: it replaces the whole table. Use write: upsert without"
              + " delete-when");
    }
    if (keeps()) {
      keeps(how);
    }
  }

  private void keeps(Writing how) {
    if (how.write() == Write.MERGE) {
      throw new IllegalArgumentException(
          "Cannot use existing: keep to merge: rows that are there could not be deleted. Use write:"
              + " upsert without delete-when, or leave existing out");
    }
    if (!settings.orderBy().isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot use order-by with existing: keep: rows that are there stay, newer or not. Leave"
              + " one of them out");
    }
    if (how.mode() != Mode.APPEND) {
      throw new IllegalArgumentException(
          "Cannot use existing: keep in mode %s: changes of a result would be lost. Leave existing out, or use mode: append"
              .formatted(how.mode().name().toLowerCase(Locale.ROOT)));
    }
  }

  private boolean keeps() {
    return settings.existing() == JdbcSettings.Existing.KEEP;
  }

  @Override
  public Fence<JdbcReceipt> start(Identity who, Writing how, StructType rows) {
    guarantee(how);
    boolean staged = staged();
    check(staged);
    return new JdbcFence(settings, who, how, rows, staged);
  }

  @Override
  public Duration patience() {
    return settings.retry();
  }

  @Override
  public RowWriter<JdbcReceipt> writer(Attempt attempt) {
    if (staged()) {
      return new StagedWriter(settings, attempt, Targets.of(settings, attempt));
    }
    OpenBatch open = OpenBatch.of(attempt.who(), attempt.batch());
    Dialect dialect = Dialect.of(settings.url());
    StructType rows = attempt.rows();
    Optional<Refusals> refusals = Refusals.of(attempt);
    boolean keeps = refusals.isPresent();
    JdbcWriter.Chunk chunk =
        dialect == Dialect.POSTGRESQL
            ? new Chunks.Encoded(new CopyEncoder(open.target(), rows), rows, keeps)
            : new Chunks.Plain(new PlainValues(dialect, open.target(), rows, keeps));
    return new JdbcWriter(open, chunk, refusals);
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

  @Override
  public Optional<Dataset<Row>> stored(SparkSession spark, StructType columns) {
    Dialect dialect = Dialect.of(settings.url());
    Optional<TableName> table =
        pool()
            .borrow(connection -> Tables.find(dialect, connection, TableName.of(settings.table())));
    return table.map(name -> spark.read().jdbc(settings.url(), name.sql(), settings.login()));
  }

  @Override
  public Archive archive(Supplier<SparkSession> spark) {
    return new JdbcArchive(settings);
  }

  private JdbcPool pool() {
    return settings.pool();
  }

  /** Beside the table, where that is already there. */
  private Ledger ledger(Connection connection, Identity who) throws SQLException {
    Dialect dialect = Dialect.of(settings.url());
    TableName wanted = TableName.of(settings.table());
    return new Ledger(dialect, Tables.find(dialect, connection, wanted).orElse(wanted), who);
  }

  /** Tasks of another JVM cannot write into the transaction of the driver. */
  private boolean staged() {
    return settings.form() == JdbcSettings.Form.STAGED
        || (settings.form() == JdbcSettings.Form.AUTO && !local());
  }

  private static boolean local() {
    return SharedJvm.of(SharedJvm.master());
  }

  private void check(boolean staged) {
    if (staged && Dialect.of(settings.url()) != Dialect.POSTGRESQL) {
      throw new IllegalArgumentException(
          "Cannot write to this database from the master %s: rows of other machines are staged, which works in PostgreSQL only. Use --master 'local[*]'"
              .formatted(SharedJvm.master()));
    }
    if (!staged && !local()) {
      throw new IllegalArgumentException(
          "Cannot write direct from the master %s: its tasks do not share the driver's transaction. Use form: auto"
              .formatted(SharedJvm.master()));
    }
  }
}
