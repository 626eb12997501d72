package io.millrace.engine.spi;

import java.time.Duration;
import org.apache.spark.sql.types.StructType;

/**
 * Tasks write rows, one commit on the driver makes the batch visible. The sink itself travels to
 * the tasks: it holds settings and nothing that is open.
 */
public non-sealed interface RowSink<R extends Receipt> extends Sink, Writers<R> {
  /** Gets ready on the driver, once per query start. */
  Fence<R> start(Identity who, Writing how, StructType rows);

  /**
   * For how long a batch is tried again while a failure of the sink is {@link Passing}. Where it is
   * not zero, a batch that comes again is not written again.
   */
  default Duration patience() {
    return Duration.ZERO;
  }
}
