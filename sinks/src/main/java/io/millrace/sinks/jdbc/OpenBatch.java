package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Reject;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * The driver's transaction of one batch, which the tasks of the same JVM write into, one chunk of
 * whole rows at a time.
 */
final class OpenBatch implements AutoCloseable {
  private static final Map<Name, OpenBatch> OPEN = new ConcurrentHashMap<>();

  private final Name name;
  private final JdbcSettings settings;
  private final Connection connection;
  private final Target target;
  private final String insert;
  private final Optional<Refusals> refusals;
  private final CopyRows copies;
  private final Optional<Careful<PlainValues.Values>> careful;
  private final Optional<MergedRows> merging;
  private final long waited;
  private boolean broken;
  private boolean over;
  private long rows;
  private long merged;

  private record Name(Identity who, long batch) {}

  private OpenBatch(
      Name name,
      JdbcSettings settings,
      Connection connection,
      Target target,
      Form form,
      long waited) {
    this.waited = waited;
    this.name = name;
    this.settings = settings;
    this.connection = connection;
    this.target = target;
    this.insert = form.insert();
    this.refusals = form.refusals();
    this.copies =
        refusals
            .filter(some -> Dialect.of(settings.url()) == Dialect.POSTGRESQL)
            .map(
                some ->
                    CopyRows.some(
                        connection, form.copyInto(), new CopyEncoder(target, form.rows()), some))
            .orElseGet(() -> CopyRows.all(connection, form.copyInto()));
    this.merging = MergedRows.of(connection, Dialect.of(settings.url()), target);
    this.careful =
        refusals.map(
            some ->
                new Careful<>(
                    connection,
                    this::insertAll,
                    (row, why) -> some.add(Objects.requireNonNull(row.row()), row.number(), why)));
  }

  /**
   * In which form rows are written.
   *
   * @param copyInto the statement that takes encoded rows
   * @param insert the statement that takes values
   * @param rows the columns of the stream
   * @param refusals where faulty rows go; empty if one stops the batch
   */
  record Form(String copyInto, String insert, StructType rows, Optional<Refusals> refusals) {}

  /** Opens the transaction. */
  static OpenBatch open(Identity who, long batch, JdbcSettings settings, Target target, Form form) {
    Name name = new Name(who, batch);
    long asked = System.nanoTime();
    Connection connection = settings.pool().open();
    long waited = System.nanoTime() - asked;
    OpenBatch open = new OpenBatch(name, settings, connection, target, form, waited);
    OPEN.put(name, open);
    return open;
  }

  /** The transaction of a batch, opened by a driver on this JVM. */
  static OpenBatch of(Identity who, long batch) {
    OpenBatch open = OPEN.get(new Name(who, batch));
    if (open == null) {
      throw new IllegalStateException(
          "Cannot find the open transaction of sink %s for batch %d on this JVM"
              .formatted(who.sink(), batch));
    }
    return open;
  }

  Target target() {
    return target;
  }

  Connection connection() {
    return connection;
  }

  /** How long it waited for its connection, in nanoseconds. */
  long waited() {
    return waited;
  }

  /**
   * Writes encoded rows; none behind a failure, which alone is told.
   *
   * @param kept the same rows, where some may be left out
   */
  synchronized void copy(byte[] chunk, int length, @Nullable KeptRows kept) {
    if (broken) {
      return;
    }
    checkUsable();
    try {
      copies.write(chunk, length, kept);
    } catch (SQLException e) {
      broken = true;
      throw Refusal.of(settings, e);
    }
  }

  /** Writes values, one array per row; none behind a failure, which alone is told. */
  synchronized void insert(List<PlainValues.Values> chunk) {
    if (broken) {
      return;
    }
    checkUsable();
    try {
      if (careful.isPresent()) {
        rows += careful.get().write(chunk);
      } else {
        insertAll(chunk);
        rows += chunk.size();
      }
    } catch (SQLException e) {
      broken = true;
      throw Refusal.of(settings, e);
    }
  }

  private void insertAll(List<PlainValues.Values> chunk) throws SQLException {
    if (merging.isPresent()) {
      merged += merging.get().write(chunk);
      return;
    }
    PlainValues.insert(connection, insert, chunk);
  }

  /** Makes ready for rows that have keys, where they do not wait for the commit. */
  void beginMerging() throws SQLException {
    if (merging.isPresent()) {
      merging.get().begin();
    }
  }

  /** How many rows were inserted or changed by their keys before the commit. */
  synchronized long merged() {
    return merged;
  }

  /** Rows that it left out so far. */
  List<Reject> refused() {
    return refusals.map(Refusals::all).orElse(List.of());
  }

  /** Where faulty rows go; empty if one stops the batch. */
  Optional<Refusals> refusals() {
    return refusals;
  }

  /** A task gave up after it wrote: nothing of this transaction may become visible. */
  synchronized void giveUp() {
    broken = true;
  }

  /** Ends the stream of rows; how many the database took. */
  synchronized long finish() throws SQLException {
    checkUsable();
    if (careful.isPresent()) {
      rows += careful.get().end();
    }
    return rows + copies.end();
  }

  /** Takes the transaction from the tasks, rolls back what is not committed. */
  @Override
  public synchronized void close() {
    if (over) {
      return;
    }
    over = true;
    OPEN.remove(name, this);
    CopyStream.abandon(connection, copies.running(), settings);
  }

  void execute(String sql) throws SQLException {
    Tables.execute(connection, sql);
  }

  private void checkUsable() {
    if (broken || over) {
      throw new IllegalStateException(
          "Cannot write batch %d of sink %s: a task of it failed, the batch is rolled back"
              .formatted(name.batch(), name.who().sink()));
    }
  }
}
