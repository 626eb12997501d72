package io.millrace.jobs.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.observe.QueryState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ClosedTimeTest {
  private static final Instant ONE = Instant.parse("2026-01-01T00:01:00Z");
  private static final Instant TWO = Instant.parse("2026-01-01T00:02:00Z");

  private final ClosedTime closed = new ClosedTime();

  @Test
  void isKnownOnlyABatchAfterItWasReported() {
    assertThat(closed.at(List.of())).isEmpty();
    assertThat(closed.at(List.of(state(1, Optional.empty())))).isEmpty();
    assertThat(closed.at(List.of(state(2, Optional.of(ONE))))).isEmpty();
    assertThat(closed.at(List.of(state(2, Optional.of(ONE))))).isEmpty();
    assertThat(closed.at(List.of(state(3, Optional.of(TWO))))).contains(ONE);
    assertThat(closed.at(List.of(state(4, Optional.of(TWO))))).contains(TWO);
  }

  private static QueryState state(long batches, Optional<Instant> watermark) {
    return new QueryState(
        "q",
        batches,
        0,
        0,
        watermark,
        OptionalLong.empty(),
        Map.of(),
        Map.of(),
        Map.of(),
        Map.of());
  }
}
