package io.millrace.engine.spi;

import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** A sink that keeps its rows where they can be read again, as dead letters are. */
public interface Stored {
  /**
   * All rows that are there now. Reads only.
   *
   * @param columns of the rows that were written
   * @return empty if nothing was written yet
   */
  Optional<Dataset<Row>> stored(SparkSession spark, StructType columns);
}
