package io.millrace.engine.spi;

/**
 * The driver's side of a sink, from the start of a query to its stop: it keeps earlier starts from
 * writing, where the sink can.
 */
public sealed interface Fencing permits Fence, BatchFence {
  /**
   * The last batch that is visible in the sink, read from the sink itself; -1 if there is none.
   *
   * @throws IllegalStateException if a later start has taken over
   */
  long last();
}
