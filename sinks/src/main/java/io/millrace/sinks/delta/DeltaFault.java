package io.millrace.sinks.delta;

import io.millrace.engine.spi.Causes;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.AnalysisException;

/** Says in plain words why a batch could not be written. */
final class DeltaFault {
  private DeltaFault() {}

  /** What a sink throws for a failure of Delta or Spark. */
  static RuntimeException explained(DeltaSettings settings, Exception e) {
    String raised = raised(e);
    if (raised.startsWith("Cannot ")) {
      return new IllegalStateException(raised, e);
    }
    if (e instanceof AnalysisException analysis && changesColumns(analysis)) {
      return new IllegalStateException(
          "Cannot write other columns or types than the Delta table "
              + settings.target()
              + " has. Cast them in a sql step, or use schema: add-columns or schema: rescue. Delta"
              + " says: "
              + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
          e);
    }
    return e instanceof RuntimeException unchecked
        ? unchecked
        : new IllegalStateException(
            "Cannot write to the Delta table " + settings.target() + ": " + e.getMessage(), e);
  }

  private static boolean changesColumns(AnalysisException e) {
    String condition = String.valueOf(e.getCondition());
    return condition.contains("METADATA_MISMATCH")
        || condition.contains("SCHEMA_MISMATCH")
        || condition.contains("FAILED_TO_MERGE_FIELDS")
        || condition.contains("INCOMPATIBLE_DATA_FOR_TABLE")
        || condition.contains("INSERT_COLUMN_ARITY_MISMATCH")
        || String.valueOf(e.getMessage()).contains("schema mismatch");
  }

  /** The sentence of a row that may not be written, as {@link Changes} raises it. */
  private static String raised(Throwable failure) {
    return Causes.of(failure).stream()
        .filter(SparkThrowable.class::isInstance)
        .map(SparkThrowable.class::cast)
        .filter(spark -> "USER_RAISED_EXCEPTION".equals(spark.getCondition()))
        .map(spark -> spark.getMessageParameters().getOrDefault("errorMessage", ""))
        .findFirst()
        .orElse("");
  }
}
