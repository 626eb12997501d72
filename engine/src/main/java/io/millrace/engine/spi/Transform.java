package io.millrace.engine.spi;

import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/** Turns one frame into another, by any means that Spark has. Works on a stream and on a table. */
public non-sealed interface Transform extends Step {
  Dataset<Row> apply(Dataset<Row> rows);

  /**
   * The columns that it gives for these, if that is known before Spark runs.
   *
   * @throws IllegalArgumentException with a sentence, if it cannot work on such rows
   */
  default Optional<StructType> schema(StructType rows) {
    return Optional.empty();
  }
}
