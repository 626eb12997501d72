package io.millrace.tests.bench;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;

/** Reads sinks back and adds up what they hold, as {@link Tally} does. */
final class Checks {
  private Checks() {}

  static Tally database(Order order, String table) throws SQLException {
    try (Connection connection = DriverManager.getConnection(order.url(), order.user(), "");
        Statement statement = connection.createStatement();
        ResultSet found =
            statement.executeQuery(
                """
                select count(*), coalesce(sum(id), 0), coalesce(sum(id * amount
                    + substring(k from 2)::bigint * ((extract(epoch from t) * 1000)::bigint %% 1000003)), 0)
                from "%s"
                """
                    .formatted(table))) {
      found.next();
      return new Tally(found.getLong(1), found.getLong(2), found.getLong(3));
    }
  }

  static Tally topic(SparkSession spark, String servers, String topic) {
    return rows(
        spark
            .read()
            .format("kafka")
            .option("kafka.bootstrap.servers", servers)
            .option("subscribe", topic)
            .load()
            .select(
                functions
                    .from_json(
                        functions.col("value").cast("string"), StructType.fromDDL(Plain.SCHEMA))
                    .as("e"))
            .select("e.*"));
  }

  static Tally rows(Dataset<Row> rows) {
    Row found =
        rows.selectExpr(
                "count(1)",
                "coalesce(sum(id), 0L)",
                "coalesce(sum(id * amount + cast(substring(k, 2) as bigint)"
                    + " * (unix_millis(t) % 1000003)), 0L)")
            .head();
    return new Tally(found.getLong(0), found.getLong(1), found.getLong(2));
  }

  /** What is wrong with a sink, or an empty text. */
  static String difference(String sink, Tally expected, Tally found) {
    return found.equals(expected)
        ? ""
        : "%s holds %s, expected %s. ".formatted(sink, found, expected);
  }
}
