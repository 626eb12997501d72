package io.millrace.sinks.pool;

import java.sql.SQLException;
import java.util.Map;
import java.util.Set;

/**
 * What a database refuses, by one code for all of them: the SQLSTATE that PostgreSQL has for it.
 * MariaDB puts much into a few states, and tells it apart by numbers of its own.
 */
public final class SqlState {
  private static final Set<String> VAGUE =
      Set.of("HY000", "01000", "22007", "23000", "42000", "70100");

  private static final Map<Integer, String> MARIADB =
      Map.ofEntries(
          Map.entry(1021, "53100"), // The disk is full.
          Map.entry(1040, "53300"), // Too many connections.
          Map.entry(1041, "53200"),
          Map.entry(1044, "42501"), // Denied for a database, a table, a column.
          Map.entry(1142, "42501"),
          Map.entry(1143, "42501"),
          Map.entry(1048, "23502"), // NULL, or no value.
          Map.entry(1364, "23502"),
          Map.entry(1049, "3D000"), // No such database.
          Map.entry(1053, "57P01"), // It shuts down.
          Map.entry(1062, "23505"), // A key that is there.
          Map.entry(1586, "23505"),
          Map.entry(1114, "53100"), // The table is full.
          Map.entry(1129, "08004"), // The host is locked out.
          Map.entry(1203, "53300"),
          Map.entry(1205, "55P03"), // No lock in time.
          Map.entry(1226, "53300"),
          Map.entry(1290, "25006"), // Read-only.
          Map.entry(1836, "25006"),
          Map.entry(1317, "57014"), // Cancelled, out of time.
          Map.entry(1969, "57014"),
          Map.entry(1265, "22P02"), // Not of the type.
          Map.entry(1366, "22P02"),
          Map.entry(1451, "23503"), // Foreign keys.
          Map.entry(1452, "23503"),
          Map.entry(1690, "22003"),
          Map.entry(4025, "23514")); // A check.

  /** H2's are standard but for these: a missing parent, and a check. */
  private static final Map<String, String> H2 = Map.of("23506", "23503", "23513", "23514");

  private SqlState() {}

  /** The state; empty where the database tells none. */
  public static String of(SQLException e) {
    String state = e.getSQLState() == null ? "" : e.getSQLState();
    return VAGUE.contains(state)
        ? MARIADB.getOrDefault(e.getErrorCode(), state)
        : H2.getOrDefault(state, state);
  }
}
