package io.millrace.engine.run;

import java.util.OptionalLong;
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

  /** The one that this thread works at; empty where it works at none. */
  static OptionalLong of(SparkContext context) {
    String number = context.getLocalProperty(PROPERTY);
    return number == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(number));
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
