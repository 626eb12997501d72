package io.millrace.engine.run;

import java.util.UUID;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.execution.streaming.runtime.StreamExecution;
import org.apache.spark.sql.execution.streaming.runtime.StreamingQueryWrapper;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.OptionConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/** The doors between frames and Spark's own plans and rows. */
final class Catalyst {
  static final ClassTag<InternalRow> ROW = ClassTag$.MODULE$.apply(InternalRow.class);

  private Catalyst() {}

  static Dataset<Row> frame(SparkSession spark, LogicalPlan plan) {
    return org.apache.spark.sql.classic.Dataset.ofRows(classic(spark), plan);
  }

  static Dataset<Row> frame(SparkSession spark, RDD<InternalRow> rows, StructType schema) {
    return classic(spark).internalCreateDataFrame(rows, schema, false);
  }

  /** Whether a streaming query of this id runs in this process. */
  static boolean running(SparkSession spark, UUID query) {
    return classic(spark).sharedState().activeStreamingQueries().containsKey(query);
  }

  /** The number of the last batch that a query has noted as done; -1 if there is none. */
  static long committed(StreamingQuery query) {
    StreamExecution execution = ((StreamingQueryWrapper) query).streamingQuery();
    return OptionConverters.toJava(execution.commitLog().getLatestBatchId())
        .map(number -> ((Number) number).longValue())
        .orElse(-1L);
  }

  private static org.apache.spark.sql.classic.SparkSession classic(SparkSession spark) {
    return (org.apache.spark.sql.classic.SparkSession) spark;
  }
}
