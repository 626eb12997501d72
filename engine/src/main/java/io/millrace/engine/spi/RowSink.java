package io.millrace.engine.spi;

import org.apache.spark.sql.types.StructType;

/**
 * Tasks write rows, one commit on the driver makes the batch visible. The sink itself travels to
 * the tasks: it holds settings and nothing that is open.
 */
public non-sealed interface RowSink<R extends Receipt> extends Sink {
  /** Gets ready on the driver, once per query start. */
  Fence<R> start(Identity who, Writing how, StructType rows);

  /** A writer on the JVM of the task. */
  RowWriter<R> writer(Attempt attempt);
}
