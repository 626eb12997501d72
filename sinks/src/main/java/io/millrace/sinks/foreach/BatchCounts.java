package io.millrace.sinks.foreach;

import io.millrace.engine.spi.Batch;
import io.millrace.sinks.pool.Database;
import io.millrace.sinks.pool.JdbcPool;
import io.millrace.sinks.pool.Pools;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Keeps how many rows each batch had, in the {@code table} of the database at {@code url}, where it
 * logs in as {@code user}. A batch that comes again replaces its count.
 */
public final class BatchCounts implements BatchHandler {
  @Override
  public void write(Batch batch, Map<String, String> settings) {
    String table = needed(settings, "table");
    if (!table.matches("[a-z_][a-z0-9_]*")) {
      throw new IllegalArgumentException(
          "Expected a plain name for table, such as batch_counts, found " + table);
    }
    long rows = batch.rows().count();
    JdbcPool pool = Pools.jdbc(database(settings));
    pool.inTransaction(connection -> replace(connection, table, batch, rows));
  }

  private static Database database(Map<String, String> settings) {
    return new Database(
        needed(settings, "url"),
        Optional.ofNullable(settings.get("user")),
        Optional.empty(),
        2,
        Duration.ofSeconds(30),
        Map.of());
  }

  private static String needed(Map<String, String> settings, String name) {
    return Optional.ofNullable(settings.get(name))
        .orElseThrow(
            () -> new IllegalArgumentException("Missing " + name + ". Write it under settings"));
  }

  private static int replace(Connection connection, String table, Batch batch, long rows)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "create table if not exists "
              + table
              + " (query varchar(200), batch bigint, counted bigint, primary key (query, batch))");
    }
    String query = batch.who().job() + "." + batch.who().query();
    try (PreparedStatement delete =
        connection.prepareStatement("delete from " + table + " where query = ? and batch = ?")) {
      delete.setString(1, query);
      delete.setLong(2, batch.id());
      delete.executeUpdate();
    }
    try (PreparedStatement insert =
        connection.prepareStatement("insert into " + table + " values (?, ?, ?)")) {
      insert.setString(1, query);
      insert.setLong(2, batch.id());
      insert.setLong(3, rows);
      return insert.executeUpdate();
    }
  }
}
