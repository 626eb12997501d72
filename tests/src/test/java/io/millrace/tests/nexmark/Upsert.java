package io.millrace.tests.nexmark;

import io.millrace.engine.testing.LocalPostgres;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.ForeachPartitionFunction;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.execution.datasources.jdbc.JdbcUtils;
import org.apache.spark.sql.jdbc.JdbcDialect;
import org.apache.spark.sql.jdbc.JdbcDialects;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Rows that replace those of their keys, as one writes that by hand for PostgreSQL. */
final class Upsert implements VoidFunction2<Dataset<Row>, Long> {
  private static final long serialVersionUID = 1;
  private static final int ROWS = 10_000;

  private final String url;
  private final String user;
  private final String statement;

  /** Makes the table where it is not there, with the keys as its primary key. */
  Upsert(LocalPostgres database, String table, StructType rows, List<String> keys) {
    this.url = database.url();
    this.user = database.user();
    this.statement = statement(table, rows, keys);
    try (Connection connection = database.connection();
        Statement create = connection.createStatement()) {
      create.execute(
          "create table if not exists %s (%s, primary key (%s))"
              .formatted(table, columns(rows), String.join(", ", keys)));
    } catch (SQLException e) {
      throw new IllegalStateException("Cannot create " + table, e);
    }
  }

  private String columns(StructType rows) {
    JdbcDialect dialect = JdbcDialects.get(url);
    return Arrays.stream(rows.fields())
        .map(
            field ->
                field.name()
                    + " "
                    + JdbcUtils.getJdbcType(field.dataType(), dialect).databaseTypeDefinition())
        .collect(Collectors.joining(", "));
  }

  private static String statement(String table, StructType rows, List<String> keys) {
    List<String> names = Arrays.stream(rows.fields()).map(StructField::name).toList();
    String others =
        names.stream()
            .filter(name -> !keys.contains(name))
            .map(name -> name + " = excluded." + name)
            .collect(Collectors.joining(", "));
    return "insert into %s (%s) values (%s) on conflict (%s) do update set %s"
        .formatted(
            table,
            String.join(", ", names),
            Stream.generate(() -> "?").limit(names.size()).collect(Collectors.joining(", ")),
            String.join(", ", keys),
            others);
  }

  @Override
  public void call(Dataset<Row> rows, Long number) {
    ForeachPartitionFunction<Row> write = this::write;
    rows.foreachPartition(write);
  }

  private void write(Iterator<Row> rows) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url, user, "");
        PreparedStatement insert = connection.prepareStatement(statement)) {
      connection.setAutoCommit(false);
      int waiting = 0;
      while (rows.hasNext()) {
        Row row = rows.next();
        for (int at = 0; at < row.length(); at++) {
          insert.setObject(at + 1, row.get(at));
        }
        insert.addBatch();
        if (++waiting == ROWS) {
          insert.executeBatch();
          waiting = 0;
        }
      }
      insert.executeBatch();
      connection.commit();
    }
  }
}
