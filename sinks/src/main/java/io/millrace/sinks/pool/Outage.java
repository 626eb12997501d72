package io.millrace.sinks.pool;

import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which refusals of a database are those of its system and may pass: it is away, refuses the login,
 * is full, read-only, at its limit, or another transaction is in the way.
 */
final class Outage {
  /** Connection, authorization, resources, intervention of an operator, input and output. */
  private static final List<String> CLASSES = List.of("08", "28", "53", "57P", "58", "HYT");

  /** Read-only, serialisation, deadlock, no lock in time, cancelled or out of time. */
  private static final Set<String> STATES =
      Set.of("25006", "40001", "40P01", "55P03", "57014", "90067", "90098", "90121");

  /** What SQLite says by numbers of its own: busy, locked, input and output, full, cannot open. */
  private static final Set<Integer> SQLITE = Set.of(5, 6, 10, 13, 14);

  private Outage() {}

  static boolean is(@Nullable Throwable failure) {
    if (!(failure instanceof SQLException refused)) {
      return false;
    }
    String state = SqlState.of(refused);
    if (state.isEmpty()) {
      return SQLITE.contains(refused.getErrorCode() & 0xff)
          || (refused.getCause() != refused && is(refused.getCause()));
    }
    return STATES.contains(state) || CLASSES.stream().anyMatch(state::startsWith);
  }
}
