package io.millrace.tests.torture;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A table of PostgreSQL with its row of the ledger, both read by one statement: one snapshot. */
final class JdbcTable implements Table {
  /** In seconds. */
  private static final String PATIENCE = "?connectTimeout=30&socketTimeout=60";

  private static final String UNKNOWN_TABLE = "42P01";

  private final Trial trial;
  private final String sink;
  private final Part part;
  private final String table;
  private @Nullable Connection open;

  JdbcTable(Trial trial, String sink, Part part, String name) {
    this.trial = trial;
    this.sink = sink;
    this.part = part;
    this.table = trial.job() + "_" + name;
  }

  @Override
  public String sink() {
    return sink;
  }

  @Override
  public Part part() {
    return part;
  }

  @Override
  public synchronized List<Look> look() {
    try (PreparedStatement statement =
        connection()
            .prepareStatement(
                """
                select l."query", l."last_batch", t.* from "millrace_ledger" l cross join
                  (select count(*), coalesce(sum(%s), 0), coalesce(sum(%s), 0) from "%s") t
                where l."job" = ? and l."sink" like ?
                """
                    .formatted(first(), second(), table))) {
      statement.setString(1, trial.job());
      statement.setString(2, part == Part.DEAD_LETTERS ? sink + "\\_%" : sink);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? List.of(look(row)) : List.of();
      }
    } catch (SQLException e) {
      if (UNKNOWN_TABLE.equals(e.getSQLState())) {
        return List.of();
      }
      throw new IllegalStateException("Cannot look into " + table, e);
    }
  }

  private Look look(ResultSet row) throws SQLException {
    return new Look(
        part,
        row.getString(1),
        row.getLong(2),
        new Sums(row.getLong(3), row.getLong(4), row.getLong(5)));
  }

  @Override
  public synchronized List<Entry> entries() {
    List<Entry> entries = new ArrayList<>();
    try (Statement statement = connection().createStatement();
        ResultSet row =
            statement.executeQuery("select %s from \"%s\"".formatted(columns(), table))) {
      while (row.next()) {
        entries.add(entry(row));
      }
      return entries;
    } catch (SQLException e) {
      throw new IllegalStateException("Cannot read " + table, e);
    }
  }

  /** The same one each time: a look must not cost a login. */
  private Connection connection() throws SQLException {
    Connection connection = open;
    if (connection == null) {
      connection = DriverManager.getConnection(trial.readers() + PATIENCE, trial.user(), "");
      open = connection;
    }
    return connection;
  }

  @Override
  public synchronized void close() {
    try (Connection closing = open) {
      open = null;
    } catch (SQLException e) {
      throw new IllegalStateException("Cannot close the connection to " + table, e);
    }
  }

  private String columns() {
    return switch (part) {
      case ROWS -> "part, pos, id, k, micros, amount";
      case WINDOWS -> "k, micros, n, total";
      case DEAD_LETTERS -> "coordinates, step, rule, raw";
    };
  }

  private String first() {
    return switch (part) {
      case ROWS -> "pos";
      case WINDOWS -> "n";
      case DEAD_LETTERS -> "(coordinates::json ->> 'offset')::bigint";
    };
  }

  private String second() {
    return switch (part) {
      case ROWS -> "amount";
      case WINDOWS -> "total";
      case DEAD_LETTERS -> "length(raw)";
    };
  }

  private Entry entry(ResultSet row) throws SQLException {
    return switch (part) {
      case ROWS ->
          Entry.row(
              row.getInt(1),
              row.getLong(2),
              row.getLong(3),
              row.getString(4),
              row.getLong(5),
              row.getLong(6));
      case WINDOWS ->
          Entry.window(row.getString(1), row.getLong(2), row.getLong(3), row.getLong(4));
      case DEAD_LETTERS ->
          Entry.letter(
              row.getString(1),
              row.getString(2),
              row.getString(3),
              new String(row.getBytes(4), StandardCharsets.UTF_8));
    };
  }
}
