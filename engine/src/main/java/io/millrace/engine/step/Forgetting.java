package io.millrace.engine.step;

import io.millrace.engine.spi.Durations;
import io.millrace.engine.spi.Keeping;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** How long keys are remembered. */
final class Forgetting {
  private Forgetting() {}

  /**
   * Checks that an end is set, or meant to be none.
   *
   * @throws IllegalArgumentException with a sentence, if not
   */
  static void check(List<String> by, Optional<Duration> forget, boolean unbounded) {
    if (forget.isPresent() && (forget.get().isZero() || forget.get().isNegative())) {
      throw new IllegalArgumentException(
          "Expected forget to be longer than 0s, found " + Durations.text(forget.get()));
    }
    if (forget.isPresent() && unbounded) {
      throw new IllegalArgumentException(
          "Cannot be unbounded and forget a key after "
              + Durations.text(forget.get())
              + ". Leave out one of them");
    }
    if (forget.isEmpty() && !unbounded && !by.isEmpty()) {
      throw new IllegalArgumentException(
          "Needs an end: every key of "
              + by
              + " would be kept for ever. Write forget: 1d, or unbounded: true if that is meant");
    }
  }

  /**
   * What is kept of each key until it is forgotten, and rows until the watermark has passed them.
   */
  static List<Keeping> keeping(List<String> by, Optional<Duration> forget) {
    return List.of(
        new Keeping.Keys(by, forget), new Keeping.Rows(0, by, Optional.of(Duration.ZERO)));
  }
}
