package io.millrace.engine.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Carried;
import io.millrace.engine.spi.TextFault;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class UpdateStateStepTest {
  private static UpdateStateStep totals(Map<String, String> aggregate) {
    return new UpdateStateStep(
        new UpdateStateStep.Settings(List.of("k"), aggregate, Optional.empty(), true));
  }

  @Test
  void givesTheTotalsThatABatchHasChanged() throws Exception {
    try (Streams rows = Streams.of("totals", "update", totals(Map.of("n", "count(1)")))) {
      rows.add("a 1", "b 2").add("a 3");
      assertThat(rows.rows("k", "n")).containsExactly("[a,1]", "[a,2]", "[b,1]");
    }
  }

  @Test
  void knowsHowPartsOfATotalBecomeOne() {
    assertThat(totals(Map.of("n", "COUNT(*)")).carried())
        .contains(new Carried.Totals(List.of("k"), List.of(Carried.Fold.ADD), Optional.empty()));
    assertThat(totals(Map.of("n", "max(n + 1)")).carried())
        .contains(
            new Carried.Totals(List.of("k"), List.of(Carried.Fold.GREATEST), Optional.empty()));
  }

  @Test
  void refusesWhatHasNoParts() {
    assertThat(totals(Map.of("n", "avg(x)")).faults())
        .extracting(TextFault::getMessage)
        .containsExactly(
            "Cannot carry 'avg(x)' from batch to batch. Write one of count, sum, min, max of an"
                + " expression, without distinct, and work out the rest in a sql step below");
    assertThat(totals(Map.of("n", "count(distinct x)")).faults()).hasSize(1);
    assertThat(totals(Map.of("n", "sum(x) + 1")).faults()).hasSize(1);
  }

  @Test
  void needsAnEndOrToBeToldThatThereIsNone() {
    assertThatThrownBy(() -> settings(Optional.empty(), List.of("k")))
        .hasMessage(
            "Needs an end, or to be told that there is none. Write keep: 1h, or unbounded: true,"
                + " and not both");
    assertThatThrownBy(() -> settings(Optional.of(Duration.ZERO), List.of("k")))
        .hasMessage("Expected keep to be longer than 0s, found 0s");
    assertThatThrownBy(() -> settings(Optional.of(Duration.ofHours(1)), List.of()))
        .hasMessage("Missing by. A total belongs to a key: write by: [id]");
  }

  private static UpdateStateStep.Settings settings(Optional<Duration> keep, List<String> by) {
    return new UpdateStateStep.Settings(by, Map.of("n", "count(1)"), keep, false);
  }
}
