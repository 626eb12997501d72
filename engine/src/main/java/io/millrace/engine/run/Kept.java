package io.millrace.engine.run;

import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.storage.StorageLevel;

/**
 * The rows of a batch, worked out once for several readers. They are kept as they are, in memory
 * and beyond that on disk: Spark's cache for tables would turn them into compressed columns, which
 * is dear for rows that are read two or three times.
 */
final class Kept implements AutoCloseable {
  private final JavaRDD<InternalRow> kept;
  private final Dataset<Row> rows;

  Kept(Dataset<Row> frame) {
    kept =
        frame
            .queryExecution()
            .toRdd()
            .toJavaRDD()
            .map(InternalRow::copy)
            .persist(StorageLevel.MEMORY_AND_DISK());
    rows = Catalyst.frame(frame.sparkSession(), kept.rdd(), frame.schema());
  }

  Dataset<Row> rows() {
    return rows;
  }

  /** The same, without their names. */
  JavaRDD<InternalRow> all() {
    return kept;
  }

  @Override
  public void close() {
    kept.unpersist(false);
  }
}
