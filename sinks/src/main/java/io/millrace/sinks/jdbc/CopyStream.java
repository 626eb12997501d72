package io.millrace.sinks.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/** Encoded rows on their way into one COPY of PostgreSQL. Not for two threads. */
final class CopyStream {
  private final CopyIn copy;
  private boolean begun;

  private CopyStream(CopyIn copy) {
    this.copy = copy;
  }

  /**
   * Begins a copy in the transaction of a connection.
   *
   * @param copyInto the statement that takes encoded rows
   */
  static CopyStream open(Connection connection, String copyInto) throws SQLException {
    return new CopyStream(connection.unwrap(PGConnection.class).getCopyAPI().copyIn(copyInto));
  }

  /** Adds whole rows. */
  void write(byte[] chunk, int length) throws SQLException {
    if (!begun) {
      begun = true;
      copy.writeToCopy(CopyEncoder.HEADER, 0, CopyEncoder.HEADER.length);
    }
    copy.writeToCopy(chunk, 0, length);
  }

  /** Ends it; how many rows the database took. */
  long end() throws SQLException {
    copy.writeToCopy(CopyEncoder.TRAILER, 0, CopyEncoder.TRAILER.length);
    return copy.endCopy();
  }

  /** Gives a connection back without what is not committed, a running copy included. */
  static void abandon(Connection connection, @Nullable CopyStream running, JdbcSettings settings) {
    try (Connection returned = connection) {
      if (running != null && running.copy.isActive()) {
        running.copy.cancelCopy();
      }
      if (!returned.isClosed()) {
        returned.rollback();
      }
    } catch (SQLException e) {
      if (!Refusal.disconnects(e)) {
        throw Refusal.of(settings, e);
      }
    }
  }
}
