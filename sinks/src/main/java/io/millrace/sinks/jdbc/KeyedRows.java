package io.millrace.sinks.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How rows that wait in PostgreSQL come into a table by their keys: as inserts, as changes of what
 * is older, and as deletes.
 */
final class KeyedRows {
  private static final String NEWEST = "pg_temp.\"millrace_newest\"";

  private final Target target;
  private final Optional<Deletes> deletes;

  KeyedRows(Target target) {
    this.target = target;
    this.deletes = Deletes.of(target);
  }

  /** By what of two rows of a key the one that counts comes first. */
  static String rank(Target target) {
    if (target.changes().keeps()) {
      return "\"_number\"";
    }
    return target.changes().order().stream()
            .map(name -> TableName.quoted(name) + " desc, ")
            .collect(Collectors.joining())
        + (target.deletes() && !target.changes().order().isEmpty() ? "\"_gone\" desc, " : "")
        + "\"_number\" desc";
  }

  /**
   * The statement that inserts rows, or replaces what they are not older than.
   *
   * @param rows a query of the table's columns, one row for each key
   */
  static String insert(Target target, String rows) {
    String conflict = Dialect.conflict(target);
    String guard =
        target.changes().order().isEmpty() || conflict.endsWith("nothing")
            ? ""
            : " where " + notOlder(target, "excluded");
    return "insert into %s as \"there\" (%s) %s%s%s"
        .formatted(target.table().sql(), Dialect.names(target.names()), rows, conflict, guard);
  }

  /** Whether a row is as new as the one in the table, of which a NULL is the oldest. */
  private static String notOlder(Target target, String row) {
    List<String> order = target.changes().order();
    return order.isEmpty()
        ? "true"
        : "coalesce((%s) >= (%s), true)".formatted(of(row, order), of("\"there\"", order));
  }

  /**
   * Writes rows of which several may have the same key; how many it inserted or changed.
   *
   * @param waiting a query of the columns that a copy has
   */
  long write(Connection connection, String waiting) throws SQLException {
    String keys = Dialect.names(target.keys());
    String newest =
        "select distinct on (%s) %s from (%s) as \"rows\" order by %s, %s"
            .formatted(keys, columns(), waiting, keys, rank(target));
    if (!target.deletes()) {
      return writeUnique(connection, newest);
    }
    Tables.execute(
        connection, "create temporary table \"millrace_newest\" on commit drop as " + newest);
    long written = writeUnique(connection, "select %s from %s".formatted(columns(), NEWEST));
    Tables.execute(connection, "drop table " + NEWEST);
    return written;
  }

  /**
   * Writes rows of which each has another key; how many it inserted or changed. Deletes come first:
   * they may make room for others.
   *
   * @param rows a query of {@link #columns()}
   */
  long writeUnique(Connection connection, String rows) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      if (!target.deletes()) {
        return statement.executeLargeUpdate(insert(target, rows));
      }
      String from = "from (%s) as \"row\"".formatted(rows);
      statement.executeLargeUpdate(
          "delete from %s as \"there\" using (%s) as \"row\" where \"row\".\"_gone\" and %s and %s"
              .formatted(
                  target.table().sql(),
                  rows,
                  same(target, "\"there\"", "\"row\""),
                  notOlder(target, "\"row\"")));
      if (deletes.isPresent()) {
        statement.executeLargeUpdate(deletes.get().remember(from + " where \"_gone\""));
      }
      String left =
          "select %s %s where not \"_gone\"%s"
              .formatted(
                  Dialect.names(target.names()),
                  from,
                  deletes.map(known -> " and " + known.unknown("\"row\"")).orElse(""));
      return statement.executeLargeUpdate(insert(target, left));
    }
  }

  /** The columns of rows on their way into the table. */
  String columns() {
    return Dialect.names(target.names()) + (target.deletes() ? ", \"_gone\"" : "");
  }

  static String same(Target target, String one, String other) {
    return "(%s) = (%s)".formatted(of(one, target.keys()), of(other, target.keys()));
  }

  static String of(String alias, List<String> names) {
    return names.stream()
        .map(name -> alias + "." + TableName.quoted(name))
        .collect(Collectors.joining(", "));
  }
}
