package io.millrace.sinks.jdbc;

import io.millrace.sinks.encode.Bytes;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Encoded rows on their way into PostgreSQL, in one transaction: by one COPY, or where rows may be
 * left out, by one COPY behind a savepoint after another, so that what a COPY lost is written again
 * without the faulty rows. Not for two threads.
 */
final class CopyRows {
  /** How much is written again at most. */
  private static final int STRETCH = 8 << 20;

  private final Connection connection;
  private final String copyInto;
  private final Optional<Careful<KeptRows.Row>> careful;
  private final List<KeptRows> kept = new ArrayList<>();
  private @Nullable CopyStream copy;
  private int bytes;
  private boolean saved;
  private long taken;

  private CopyRows(
      Connection connection, String copyInto, Optional<Careful<KeptRows.Row>> careful) {
    this.connection = connection;
    this.copyInto = copyInto;
    this.careful = careful;
  }

  /**
   * Rows of which each has to be taken.
   *
   * @param copyInto the statement that takes encoded rows
   */
  static CopyRows all(Connection connection, String copyInto) {
    return new CopyRows(connection, copyInto, Optional.empty());
  }

  /** Rows of which those that are faulty are left out. */
  static CopyRows some(
      Connection connection, String copyInto, CopyEncoder encoder, Refusals refusals) {
    Careful<KeptRows.Row> careful =
        new Careful<>(
            connection,
            rows -> copy(connection, copyInto, encoder, rows),
            (row, why) -> refusals.add(row.columns(), row.number(), why));
    return new CopyRows(connection, copyInto, Optional.of(careful));
  }

  private static void copy(
      Connection connection, String copyInto, CopyEncoder encoder, List<KeptRows.Row> rows)
      throws SQLException {
    Bytes encoded = new Bytes(1 << 10);
    rows.forEach(row -> encoder.encode(row.columns(), row.number(), encoded));
    CopyStream stream = CopyStream.open(connection, copyInto);
    stream.write(encoded.array(), encoded.size());
    stream.end();
  }

  /**
   * Writes a chunk of whole rows.
   *
   * @param rows the same rows, where some may be left out
   */
  void write(byte[] chunk, int length, @Nullable KeptRows rows) throws SQLException {
    if (careful.isPresent() && rows != null) {
      kept.add(rows);
      bytes += rows.size();
    }
    try {
      stream().write(chunk, length);
      if (bytes > STRETCH) {
        endCopy();
        settled();
      }
    } catch (SQLException e) {
      again(e);
    }
  }

  private CopyStream stream() throws SQLException {
    CopyStream open = copy;
    if (open == null) {
      if (careful.isPresent() && !saved) {
        Tables.execute(connection, "savepoint millrace_rows");
        saved = true;
      }
      open = CopyStream.open(connection, copyInto);
      copy = open;
    }
    return open;
  }

  private void endCopy() throws SQLException {
    CopyStream open = copy;
    if (open != null) {
      taken += open.end();
      copy = null;
    }
  }

  /** What was written since the savepoint once more, without the rows that are faulty. */
  private void again(SQLException e) throws SQLException {
    if (careful.isEmpty() || !RowFault.is(e)) {
      throw e;
    }
    copy = null;
    Tables.execute(connection, "rollback to savepoint millrace_rows");
    for (KeptRows rows : kept) {
      taken += careful.get().write(rows.rows());
    }
    settled();
  }

  private void settled() throws SQLException {
    kept.clear();
    bytes = 0;
    saved = false;
    Tables.execute(connection, "release savepoint millrace_rows");
  }

  /** Ends the stream of rows; how many the database took. */
  long end() throws SQLException {
    try {
      endCopy();
    } catch (SQLException e) {
      again(e);
    }
    if (careful.isPresent()) {
      taken += careful.get().end();
    }
    return taken;
  }

  /** The COPY that is running. */
  @Nullable CopyStream running() {
    return copy;
  }
}
