package io.millrace.engine.step;

import io.millrace.engine.spi.Planned;
import io.millrace.engine.testing.Sessions;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.StreamingQueryException;

/** Runs steps over tables that are written as SQL. */
final class Tables {
  private Tables() {}

  static SparkSession spark() {
    return (SparkSession) Sessions.spark();
  }

  static Planned.Input table(String name, String sql) {
    return new Planned.Input(name, analysed(spark().sql(sql)));
  }

  static Dataset<Row> run(Planned step, Planned.Input... inputs) {
    return org.apache.spark.sql.classic.Dataset.ofRows(spark(), step.plan(List.of(inputs)));
  }

  /** Stops a query and waits for its end. */
  static void stop(StreamingQuery query) throws TimeoutException {
    query.stop();
    try {
      query.awaitTermination();
    } catch (StreamingQueryException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The rows as text, sorted. */
  static List<String> rows(Dataset<Row> rows) {
    return Stream.of((Row[]) rows.collect()).map(Row::toString).sorted().toList();
  }

  static List<String> columns(Dataset<Row> rows) {
    return Arrays.asList(rows.columns());
  }

  static org.apache.spark.sql.catalyst.plans.logical.LogicalPlan analysed(Dataset<Row> rows) {
    return ((org.apache.spark.sql.classic.Dataset<Row>) rows).queryExecution().analyzed();
  }
}
