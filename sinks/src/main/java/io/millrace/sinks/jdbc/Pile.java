package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Places;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.AbstractList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The rows of one batch where they wait in PostgreSQL for their way into the table, numbered, so
 * that ranges of them can be written. Of rows with the same key the one that counts comes first;
 * the next one has its turn where all before it are refused.
 */
final class Pile {
  private static final String NAME = "pg_temp.\"millrace_pile\"";

  private final Connection connection;
  private final Target target;
  private final Refusals refusals;
  private final KeyedRows keyed;
  private long written;

  Pile(Connection connection, Target target, Refusals refusals) {
    this.connection = connection;
    this.target = target;
    this.refusals = refusals;
    this.keyed = new KeyedRows(target);
  }

  /**
   * Writes all rows of a query but those that are faulty; how many it inserted or changed.
   *
   * @param rows a query of the columns that a copy has
   */
  long write(String rows) throws SQLException {
    Tables.execute(
        connection,
        ("create temporary table \"millrace_pile\" on commit drop as select *, row_number() over"
                + " (order by \"_turn\") as \"_row\", false as \"_refused\" from (select *, %s as"
                + " \"_turn\" from (%s) as \"rows\") as \"turns\"")
            .formatted(
                keyed()
                    ? "row_number() over (partition by %s order by %s)"
                        .formatted(Dialect.names(target.keys()), KeyedRows.rank(target))
                    : "1",
                rows));
    Tables.execute(connection, "create unique index on " + NAME + " (\"_row\")");
    Tables.execute(connection, "analyze " + NAME);
    long turn = 1;
    long first = 1;
    long last = last(turn);
    long before;
    do {
      before = refusals.count();
      writeTurn(turn, first, last);
      turn++;
      first = last + 1;
      last = last(turn);
    } while (keyed() && refusals.count() > before && last >= first);
    Tables.execute(connection, "drop table " + NAME);
    return written;
  }

  private void writeTurn(long turn, long first, long last) throws SQLException {
    String due =
        turn == 1
            ? ""
            : " and exists (select from %s as \"later\" where \"later\".\"_refused\" and \"later\".\"_turn\" = %d and %s)"
                .formatted(
                    NAME,
                    turn - 1,
                    target.keys().stream()
                        .map(TableName::quoted)
                        .map(key -> "\"later\".%s = \"pile\".%s".formatted(key, key))
                        .collect(Collectors.joining(" and ")));
    Careful<Long> careful =
        new Careful<>(
            connection, numbers -> insert(numbers, due), (number, why) -> refuse(number, why));
    careful.write(new Range(first, last));
    careful.end();
  }

  private void insert(List<Long> numbers, String due) throws SQLException {
    String rows =
        "select %s from %s as \"pile\" where \"_row\" between %d and %d%s"
            .formatted(keyed.columns(), NAME, numbers.get(0), numbers.get(numbers.size() - 1), due);
    if (keyed()) {
      written += keyed.writeUnique(connection, rows);
    } else {
      Tables.execute(
          connection,
          "insert into %s (%s) %s"
              .formatted(target.table().sql(), Dialect.names(target.names()), rows));
    }
  }

  private void refuse(long number, SQLException why) throws SQLException {
    String query =
        "update %s set \"_refused\" = true where \"_row\" = %d returning %s, %s"
            .formatted(NAME, number, json(), target.numbered() ? "\"_number\"" : Places.NOWHERE);
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      refusals.add(row.getString(1), row.getLong(2), why);
    }
  }

  /** The row as every reject has it: bytes in base64; and what says whether it deletes. */
  private String json() {
    String columns =
        "(select row_to_json(\"columns\")::text from (select %s) as \"columns\")"
            .formatted(
                target.columns().stream().map(Pile::shown).collect(Collectors.joining(", ")));
    return target.deletes()
        ? "(select left(\"json\", -1) || coalesce(',' || substr(\"_marker\", 2), '}') from %s as \"text\" (\"json\"))"
            .formatted(columns)
        : columns;
  }

  private static String shown(Target.TargetColumn column) {
    String name = TableName.quoted(column.name());
    return column.type().equals("bytea")
        ? "replace(encode(%1$s, 'base64'), E'\\n', '') as %1$s".formatted(name)
        : name;
  }

  private long last(long turn) throws SQLException {
    String query =
        "select coalesce(max(\"_row\"), 0) from %s where \"_turn\" = %d".formatted(NAME, turn);
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }

  private boolean keyed() {
    return !target.keys().isEmpty();
  }

  /** Whole numbers one after another, both ends included. */
  private static final class Range extends AbstractList<Long> {
    private final long first;
    private final int size;

    Range(long first, long last) {
      this.first = first;
      this.size = Math.toIntExact(last - first + 1);
    }

    @Override
    public Long get(int index) {
      return first + index;
    }

    @Override
    public int size() {
      return size;
    }
  }
}
