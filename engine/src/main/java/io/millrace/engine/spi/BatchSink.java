package io.millrace.engine.spi;

import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Gets one micro-batch as a frame. After a crash the same batch comes again, with the same number
 * and the same rows.
 */
public non-sealed interface BatchSink extends Sink {
  void write(Batch batch);

  /**
   * Looks, once per query start, whether rows with these columns can be written. Changes nothing.
   *
   * @throws IllegalArgumentException with a sentence that says what would work, if they cannot
   */
  default void check(SparkSession spark, Writing how, StructType rows) {}
}
