package io.millrace.engine.run;

import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.api.java.UDF0;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;

/** The number of the running micro-batch, as tasks see it: Spark's own local property. */
final class BatchNumber {
  private static final String PROPERTY = "streaming.sql.batchId";

  private BatchNumber() {}

  /** Sets it for the jobs of this thread, where no stream does. */
  static void set(SparkContext context, long batch) {
    context.setLocalProperty(PROPERTY, Long.toString(batch));
  }

  /** A column that holds it. */
  static Column column() {
    UDF0<Long> read = BatchNumber::current;
    return functions.udf(read, DataTypes.LongType).asNondeterministic().apply();
  }

  private static Long current() {
    return Long.valueOf(TaskContext.get().getLocalProperty(PROPERTY));
  }
}
