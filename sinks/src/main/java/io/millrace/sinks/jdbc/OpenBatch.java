package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Identity;
import io.millrace.sinks.pool.Pools;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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
  private final String copyInto;
  private final String insert;
  private @Nullable CopyStream copy;
  private boolean broken;
  private boolean over;
  private long rows;

  private record Name(Identity who, long batch) {}

  private OpenBatch(
      Name name,
      JdbcSettings settings,
      Connection connection,
      Target target,
      String copyInto,
      String insert) {
    this.name = name;
    this.settings = settings;
    this.connection = connection;
    this.target = target;
    this.copyInto = copyInto;
    this.insert = insert;
  }

  /**
   * Opens the transaction.
   *
   * @param copyInto the statement that takes encoded rows
   * @param insert the statement that takes values
   */
  static OpenBatch open(
      Identity who,
      long batch,
      JdbcSettings settings,
      Target target,
      String copyInto,
      String insert) {
    Name name = new Name(who, batch);
    Connection connection = Pools.jdbc(settings.database()).open();
    OpenBatch open = new OpenBatch(name, settings, connection, target, copyInto, insert);
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

  /** Writes encoded rows; none behind a failure, which alone is told. */
  synchronized void copy(byte[] chunk, int length) {
    if (broken) {
      return;
    }
    checkUsable();
    try {
      CopyStream to = copy;
      if (to == null) {
        to = CopyStream.open(connection, copyInto);
        copy = to;
      }
      to.write(chunk, length);
    } catch (SQLException e) {
      broken = true;
      throw Refusal.of(settings, e);
    }
  }

  /** Writes values, one array per row; none behind a failure, which alone is told. */
  synchronized void insert(List<@Nullable Object[]> chunk) {
    if (broken) {
      return;
    }
    checkUsable();
    try (PreparedStatement statement = connection.prepareStatement(insert)) {
      for (@Nullable Object[] values : chunk) {
        for (int at = 0; at < values.length; at++) {
          statement.setObject(at + 1, values[at]);
        }
        statement.addBatch();
      }
      statement.executeBatch();
      rows += chunk.size();
    } catch (SQLException e) {
      broken = true;
      throw Refusal.of(settings, e);
    }
  }

  /** A task gave up after it wrote: nothing of this transaction may become visible. */
  synchronized void giveUp() {
    broken = true;
  }

  /** Ends the stream of rows; how many the database took. */
  synchronized long finish() throws SQLException {
    checkUsable();
    CopyStream to = copy;
    return to == null ? rows : to.end();
  }

  /** Takes the transaction from the tasks, rolls back what is not committed. */
  @Override
  public synchronized void close() {
    if (over) {
      return;
    }
    over = true;
    OPEN.remove(name, this);
    CopyStream.abandon(connection, copy, settings);
  }

  void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private void checkUsable() {
    if (broken || over) {
      throw new IllegalStateException(
          "Cannot write batch %d of sink %s: a task of it failed, the batch is rolled back"
              .formatted(name.batch(), name.who().sink()));
    }
  }
}
