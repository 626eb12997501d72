package io.millrace.sinks.jdbc;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * What was deleted from a table and when, by the columns that tell the order: without it, a row
 * that is older than a delete but comes later would rise again. It changes in the transaction of
 * the batch that deletes.
 */
final class Deletes {
  private static final String NAME = "millrace_deletes_";

  /** Of a longer name PostgreSQL takes the beginning, and MariaDB none. */
  private static final int LONGEST = 63;

  private final Target target;
  private final TableName table;

  private Deletes(Target target) {
    this.target = target;
    String name = NAME + target.table().table();
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    this.table =
        target
            .table()
            .beside(
                bytes.length <= LONGEST
                    ? name
                    : NAME + UUID.nameUUIDFromBytes(bytes).toString().replace("-", ""));
  }

  /** Those of a table where rows delete and have an order; else nothing is to be remembered. */
  static Optional<Deletes> of(Target target) {
    return target.deletes() && !target.changes().order().isEmpty()
        ? Optional.of(new Deletes(target))
        : Optional.empty();
  }

  /** What a delete changes here: the place of its key in the order, where that is a later one. */
  Merging.Into into() {
    return new Merging.Into(table, names(), target.keys(), target.changes().order(), true);
  }

  private List<String> names() {
    List<String> names = new ArrayList<>(target.keys());
    names.addAll(target.changes().order());
    return names;
  }

  /**
   * Creates the table where it is not there.
   *
   * @throws IllegalArgumentException if it is there with other columns
   */
  void create(Dialect dialect, Connection connection) throws SQLException {
    String columns =
        names().stream()
            .map(
                name ->
                    TableName.quoted(name)
                        + " "
                        + target.columns().stream()
                            .filter(column -> column.name().equals(name))
                            .findFirst()
                            .orElseThrow()
                            .declared()
                        + " not null")
            .collect(Collectors.joining(", "));
    Tables.create(
        dialect,
        connection,
        table,
        "create table if not exists %s (%s, primary key (%s))%s"
            .formatted(table.sql(), columns, Dialect.names(target.keys()), dialect.own().end()));
    List<String> there = there(connection);
    if (!new HashSet<>(there).equals(new HashSet<>(names()))) {
      throw new IllegalArgumentException(
          "Cannot remember deletes by %s: the table %s has them by %s. Use keys and order-by as before, or drop that table; an old row that comes late is then inserted again"
              .formatted(String.join(", ", names()), table, String.join(", ", there)));
    }
  }

  private List<String> there(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet none =
            statement.executeQuery("select * from %s where false".formatted(table.sql()))) {
      List<String> names = new ArrayList<>();
      for (int at = 1; at <= none.getMetaData().getColumnCount(); at++) {
        names.add(none.getMetaData().getColumnName(at));
      }
      return names;
    }
  }

  /**
   * The statement that adds deletes, or renews older ones.
   *
   * @param from the rest of a query of rows with these columns, one for each key
   */
  String remember(String from) {
    List<String> order = target.changes().order();
    String names = Dialect.names(names());
    String newer =
        order.stream()
            .map(TableName::quoted)
            .map(name -> name + " = excluded." + name)
            .collect(Collectors.joining(", "));
    return "insert into %s as \"known\" (%s) select %s %s on conflict (%s) do update set %s where (%s) > (%s)"
        .formatted(
            table.sql(),
            names,
            names,
            from,
            Dialect.names(target.keys()),
            newer,
            KeyedRows.of("excluded", order),
            KeyedRows.of("\"known\"", order));
  }

  /** The condition that a row is newer than the last delete of its key. */
  String unknown(String row) {
    List<String> order = target.changes().order();
    return "not exists (select 1 from %s as \"known\" where %s and (%s) >= (%s))"
        .formatted(
            table.sql(),
            KeyedRows.same(target, "\"known\"", row),
            KeyedRows.of("\"known\"", order),
            KeyedRows.of(row, order));
  }
}
