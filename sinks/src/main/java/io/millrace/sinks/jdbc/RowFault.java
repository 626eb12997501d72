package io.millrace.sinks.jdbc;

import io.millrace.sinks.pool.SqlState;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;

/**
 * Which refusals of a database are the fault of single rows: data exceptions and broken
 * constraints, which SQL counts in the classes 22 and 23.
 */
final class RowFault {
  /** What SQLite says by numbers of its own: constraint, mismatch, too big. */
  private static final Set<Integer> SQLITE = Set.of(18, 19, 20);

  /** Bytes in another form than the table's columns have now: the table was changed. */
  private static final Set<String> CHANGED_TABLE = Set.of("22P03", "22P04");

  /** A row that does not fit into a page of a table or an index. */
  private static final String TOO_LARGE = "54000";

  private static final Map<String, String> NAMES =
      Map.ofEntries(
          Map.entry("22001", "string_data_right_truncation"),
          Map.entry("22003", "numeric_value_out_of_range"),
          Map.entry("22007", "invalid_datetime_format"),
          Map.entry("22008", "datetime_field_overflow"),
          Map.entry("22018", "invalid_character_value"),
          Map.entry("22021", "character_not_in_repertoire"),
          Map.entry("22P02", "invalid_text_representation"),
          Map.entry("22P05", "untranslatable_character"),
          Map.entry("23000", "integrity_constraint_violation"),
          Map.entry("23502", "not_null_violation"),
          Map.entry("23503", "foreign_key_violation"),
          Map.entry("23505", "unique_violation"),
          Map.entry("23514", "check_violation"),
          Map.entry("23P01", "exclusion_violation"),
          Map.entry(TOO_LARGE, "program_limit_exceeded"));

  private RowFault() {}

  /** Whether a row alone is to blame. */
  static boolean is(SQLException e) {
    String state = state(e);
    return (state.startsWith("22") || state.startsWith("23") || state.equals(TOO_LARGE))
        && !CHANGED_TABLE.contains(state);
  }

  /** Whether it may hold no longer when other rows of the batch are there. */
  static boolean mayPass(SQLException e) {
    return state(e).equals("23503");
  }

  /** The name of the fault and its SQLSTATE, as a word. */
  static String rule(SQLException e) {
    String state = state(e);
    return NAMES.getOrDefault(state, "sqlstate") + "_" + state;
  }

  private static String state(SQLException e) {
    String told = SqlState.of(e);
    if (e.getSQLState() == null && SQLITE.contains(e.getErrorCode() & 0xff)) {
      return "23000";
    }
    SQLException next = e.getNextException();
    return told.isEmpty() && next != null ? state(next) : told;
  }
}
