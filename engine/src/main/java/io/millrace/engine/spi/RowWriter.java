package io.millrace.engine.spi;

import org.apache.spark.sql.catalyst.InternalRow;

/** Takes the rows of one task. Closing it without {@link #finish()} gives up what it wrote. */
public interface RowWriter<R extends Receipt> extends AutoCloseable {
  /** The row is reused by the caller: what outlives the call must be copied. */
  void write(InternalRow row);

  /** What the driver must know to commit. */
  R finish();

  @Override
  void close();
}
