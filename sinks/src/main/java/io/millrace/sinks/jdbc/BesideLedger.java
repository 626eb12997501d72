package io.millrace.sinks.jdbc;

import io.millrace.sinks.pool.DatabaseException;
import io.millrace.sinks.pool.JdbcPool;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Optional;

/**
 * A table of Millrace beside the ledger of a sink: where the sink's table is.
 *
 * @param columns of a new one, as in the statement that creates it
 */
record BesideLedger(JdbcSettings settings, String table, String columns) {
  private static final String DENIED = "42501";

  /** Values for the parameters of a statement. */
  @FunctionalInterface
  interface Binding {
    void of(PreparedStatement statement) throws SQLException;
  }

  /** The table's name. */
  TableName name() {
    return settings.pool().borrow(this::name);
  }

  private TableName name(Connection connection) throws SQLException {
    TableName wanted = TableName.of(settings.table());
    return Tables.find(dialect(), connection, wanted).orElse(wanted).beside(table);
  }

  Dialect dialect() {
    return Dialect.of(settings.url());
  }

  /** Reads from the table; empty where it is not there. */
  <T> Optional<T> read(Reading<T> reading) {
    return settings
        .pool()
        .borrow(
            connection -> {
              TableName name = name(connection);
              return Tables.find(dialect(), connection, name).isEmpty()
                  ? Optional.<T>empty()
                  : Optional.of(reading.of(connection, name));
            });
  }

  /** What is read from a table that is there. */
  @FunctionalInterface
  interface Reading<T> {
    T of(Connection connection, TableName table) throws SQLException;
  }

  /**
   * Creates the table where it is not there, and makes sure that it can be written.
   *
   * @throws DatabaseException with the statements that let it, if it cannot
   */
  TableName open() {
    TableName name = name();
    settings
        .pool()
        .borrow(
            connection -> {
              try {
                Tables.create(dialect(), connection, name, create(name));
                for (String attempt : attempts(name)) {
                  Tables.execute(connection, attempt);
                }
                return name;
              } catch (SQLException e) {
                throw refusal(name, e);
              }
            });
    return name;
  }

  private String create(TableName name) {
    return "create table if not exists %s (%s)%s"
        .formatted(name.sql(), columns, dialect().own().end());
  }

  /** Each changes nothing, and is refused where its sort of change would be. */
  private String[] attempts(TableName name) {
    String sql = name.sql();
    return new String[] {
      "insert into %s select * from %s where 1 = 0".formatted(sql, sql),
      "update %s set \"job\" = \"job\" where 1 = 0".formatted(sql),
      "delete from %s where 1 = 0".formatted(sql)
    };
  }

  /** Changes the table in a transaction. */
  <T> T change(TableName name, JdbcPool.Work<T> work) {
    return Limits.inTransaction(settings, work, e -> refusal(name, e));
  }

  /** Changes the table by one statement, which is a transaction of its own. */
  int execute(TableName name, String sql, Binding values) {
    return settings
        .pool()
        .borrow(
            connection -> {
              try (PreparedStatement statement = connection.prepareStatement(sql)) {
                statement.setQueryTimeout((int) Math.max(1, settings.lockTimeout().toSeconds()));
                values.of(statement);
                return statement.executeUpdate();
              } catch (SQLException e) {
                throw refusal(name, e);
              }
            });
  }

  private DatabaseException refusal(TableName name, SQLException e) {
    String why =
        "Cannot write to the table %s in %s: %s"
            .formatted(name, settings.database().place(), Refusal.said(e));
    return new DatabaseException(DENIED.equals(e.getSQLState()) ? why + ". " + cure(name) : why, e);
  }

  private String cure(TableName name) {
    return "Let its owner run: %s; grant select, insert, update, delete on %s to %s"
        .formatted(
            create(name),
            name.sql(),
            settings.user().map(TableName::quoted).orElse("the user of the connection"));
  }

  /** Executes a statement with parameters. */
  static int execute(Connection connection, String sql, Binding values) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      values.of(statement);
      return statement.executeUpdate();
    }
  }

  /** A statement's parameters in their order. */
  static Binding values(Object... values) {
    return statement -> {
      for (int at = 0; at < values.length; at++) {
        statement.setObject(at + 1, values[at]);
      }
    };
  }
}
