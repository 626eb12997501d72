package io.millrace.engine.spi;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** A source whose table can tell, without being read, whether it is another one than before. */
public interface Versioned {
  /**
   * What tells the rows that it has now from those of other times; where its settings name a
   * version, that one.
   */
  String version(SparkSession spark);

  /** Whether it can be read as it was in a version that it has told before. */
  boolean keeps();

  /**
   * The rows of a version; of a source that keeps none, those of now.
   *
   * @throws RuntimeException if that version is there no longer
   */
  Dataset<Row> read(SparkSession spark, String version);

  /** Whether its settings name one version, so that it never changes. */
  default boolean pinned() {
    return false;
  }
}
