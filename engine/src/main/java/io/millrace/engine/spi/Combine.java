package io.millrace.engine.spi;

import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Turns several frames into one, in the order in which the job lists them. */
public non-sealed interface Combine extends Step {
  Dataset<Row> apply(List<Dataset<Row>> inputs);
}
