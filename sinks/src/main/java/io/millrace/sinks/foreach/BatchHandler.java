package io.millrace.sinks.foreach;

import io.millrace.engine.spi.Batch;
import java.util.Map;

/**
 * A user's sink, batch by batch, on the driver. One is made for each batch with the public
 * constructor without arguments. A batch that comes again comes with the same number.
 */
public interface BatchHandler {
  /**
   * Writes a batch. What it throws fails the query, and the batch comes again.
   *
   * @param settings what the job says below {@code settings}
   */
  void write(Batch batch, Map<String, String> settings) throws Exception;
}
