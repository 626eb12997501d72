package io.millrace.engine.spi;

import java.util.Optional;

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

  /** What was noted of a batch that is visible; empty where the sink no longer knows, or never. */
  default Optional<Origin> noted(long batch) {
    return Optional.empty();
  }
}
