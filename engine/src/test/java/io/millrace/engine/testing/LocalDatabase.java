package io.millrace.engine.testing;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** A database that tests prepare and look at, each time by a connection of its own. */
@FunctionalInterface
public interface LocalDatabase {
  /** A new connection; the caller closes it. */
  Connection connection() throws SQLException;

  /** Executes statements, each committed by itself. */
  default void execute(String... statements) {
    try (Connection connection = connection();
        Statement open = connection.createStatement()) {
      for (String each : statements) {
        open.execute(each);
      }
    } catch (SQLException e) {
      throw new IllegalStateException("Cannot execute " + String.join("; ", statements), e);
    }
  }

  /** The rows that a query finds, as {@link #rows} has them. */
  default List<String> read(String query) {
    try (Connection connection = connection()) {
      return rows(connection, query);
    } catch (SQLException e) {
      throw new IllegalStateException("Cannot read " + query, e);
    }
  }

  /** The one number that a query finds. */
  default long number(String query) {
    return Long.parseLong(read(query).get(0));
  }

  /** The rows that a query finds: their values as texts, with bars between them. */
  static List<String> rows(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(query)) {
      List<String> rows = new ArrayList<>();
      int width = found.getMetaData().getColumnCount();
      while (found.next()) {
        List<String> row = new ArrayList<>();
        for (int at = 1; at <= width; at++) {
          row.add(String.valueOf(found.getString(at)));
        }
        rows.add(String.join("|", row));
      }
      return rows;
    }
  }
}
