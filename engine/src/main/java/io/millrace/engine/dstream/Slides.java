package io.millrace.engine.dstream;

import io.millrace.engine.run.FedJob;
import io.millrace.engine.spi.Carried;
import io.millrace.engine.spi.Mode;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.streaming.Milliseconds;
import org.apache.spark.streaming.dstream.DStream;

/**
 * Windows over the last batches.
 *
 * @param rows the columns of what comes in
 */
record Slides(FedJob job, Carried.Window window, StructType rows) implements Carrier {
  @Override
  public StructType columns() {
    return results(Rows.none(job.spark()), 0, Mode.APPEND).schema();
  }

  /** Spark reuses a row; one that waits for its window is a copy. */
  @Override
  public RDD<InternalRow> taken(Dataset<Row> batch) {
    JavaRDD<InternalRow> all = batch.queryExecution().toRdd().toJavaRDD();
    return all.map(InternalRow::copy).rdd();
  }

  @Override
  @SuppressWarnings("unchecked") // What comes back is what taken gave.
  public DStream<?> carried(DStream<?> taken) {
    return ((DStream<InternalRow>) taken)
        .window(
            Milliseconds.apply(window.size().toMillis()),
            Milliseconds.apply(window.every().toMillis()));
  }

  @Override
  public boolean idle(List<RDD<?>> carried, Mode mode) {
    return Rows.none(carried.get(0));
  }

  @Override
  @SuppressWarnings("unchecked") // What comes back is what taken gave.
  public Dataset<Row> results(RDD<?> carried, long millis, Mode mode) {
    Dataset<Row> frame = job.frame((RDD<InternalRow>) carried, rows);
    long end = millis * 1000;
    return job.frame(
        window.results(
            frame.queryExecution().analyzed(), end - window.size().toMillis() * 1000, end));
  }
}
