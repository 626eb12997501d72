package io.millrace.engine.dstream;

import io.millrace.engine.spi.Mode;
import java.util.List;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.streaming.dstream.DStream;

/** A step that has more than the rows of one batch. */
sealed interface Carrier permits Slides, Sums {
  /** Its results. */
  StructType columns();

  /** What of a batch's rows goes on to later batches. */
  RDD<?> taken(Dataset<Row> rows);

  /** Several batches of that together. */
  DStream<?> carried(DStream<?> taken);

  /**
   * Whether a batch has no new result.
   *
   * @param rows what has been carried to it, and what it has taken itself
   */
  boolean idle(List<RDD<?>> rows, Mode mode);

  /**
   * The results of a batch.
   *
   * @param rows what has been carried to it
   * @param millis its time
   */
  Dataset<Row> results(RDD<?> rows, long millis, Mode mode);
}
