package io.millrace.jobs.demo;

import io.millrace.engine.observe.QueryState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The watermark that every batch has passed which has not been planned yet. Spark drops late rows
 * by the watermark of the batch before, so this is one that was reported a batch ago.
 */
public final class ClosedTime {
  private long batches;
  private Optional<Instant> reported = Optional.empty();
  private Optional<Instant> passed = Optional.empty();

  /** What is known for certain with these reports. The first query with a watermark counts. */
  public synchronized Optional<Instant> at(List<QueryState> states) {
    states.stream()
        .filter(state -> state.watermark().isPresent())
        .findFirst()
        .filter(state -> state.batches() > batches)
        .ifPresent(
            state -> {
              passed = reported;
              reported = state.watermark();
              batches = state.batches();
            });
    return passed;
  }
}
