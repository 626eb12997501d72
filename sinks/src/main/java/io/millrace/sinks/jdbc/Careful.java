package io.millrace.sinks.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes rows that a database may refuse: all at once, where it refuses them each half at a time,
 * down to those that it refuses alone. Works within a transaction, which stays usable.
 *
 * @param <T> what stands for a row
 */
final class Careful<T> {
  private final Connection connection;
  private final Writer<T> writer;
  private final Refused<T> refused;
  private final List<Late<T>> late = new ArrayList<>();

  Careful(Connection connection, Writer<T> writer, Refused<T> refused) {
    this.connection = connection;
    this.writer = writer;
    this.refused = refused;
  }

  /** Puts rows into the database by one statement. */
  @FunctionalInterface
  interface Writer<T> {
    void write(List<T> rows) throws SQLException;
  }

  /** Gets a row that the database refuses. */
  @FunctionalInterface
  interface Refused<T> {
    void take(T row, SQLException why) throws SQLException;
  }

  /** A row that the database may take when others are there. */
  private record Late<T>(T row, SQLException why) {}

  /** How many of these rows the database took; the others are refused, or wait for the end. */
  long write(List<T> rows) throws SQLException {
    if (rows.isEmpty()) {
      return 0;
    }
    SQLException why = attempt(rows);
    if (why == null) {
      return rows.size();
    }
    if (rows.size() > 1) {
      int half = rows.size() / 2;
      return write(rows.subList(0, half)) + write(rows.subList(half, rows.size()));
    }
    if (RowFault.mayPass(why)) {
      late.add(new Late<>(rows.get(0), why));
    } else {
      refused.take(rows.get(0), why);
    }
    return 0;
  }

  /**
   * Tries once more what other rows may have made possible, in turns from either end, as rows often
   * need the next one or the one before; how many the database took.
   */
  long end() throws SQLException {
    long taken = 0;
    boolean moved = true;
    while (moved && !late.isEmpty()) {
      List<Late<T>> left = new ArrayList<>();
      for (Late<T> each : late) {
        SQLException why = attempt(List.of(each.row()));
        if (why == null) {
          taken++;
        } else {
          left.add(new Late<>(each.row(), why));
        }
      }
      moved = left.size() < late.size();
      late.clear();
      late.addAll(left);
      Collections.reverse(late);
    }
    for (Late<T> each : late) {
      refused.take(each.row(), each.why());
    }
    late.clear();
    return taken;
  }

  /** The fault of a row among these that stopped them, none of which is there then; or null. */
  private @Nullable SQLException attempt(List<T> rows) throws SQLException {
    Savepoint before = connection.setSavepoint();
    try {
      writer.write(rows);
      connection.releaseSavepoint(before);
      return null;
    } catch (SQLException e) {
      if (!RowFault.is(e)) {
        throw e;
      }
      connection.rollback(before);
      connection.releaseSavepoint(before);
      return e;
    }
  }
}
