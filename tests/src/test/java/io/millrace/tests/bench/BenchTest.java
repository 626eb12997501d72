package io.millrace.tests.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BenchTest {
  private static final Events EVENTS = new Events(5_000);
  private static final Outcome FAST = new Outcome(2, 3, 1, 500, null, List.of(), "");
  private static final Outcome SLOW = new Outcome(4, 5, 1, 400, null, List.of(), "");

  @Test
  void theMedianIsThatOfTheRatiosAndNotOfTheSides() {
    Ratio ratio = Ratio.of(List.of(1.0, 10.0, 3.0), List.of(2.0, 4.0, 3.0));

    assertThat(ratio).isEqualTo(new Ratio(1.0, 0.5, 2.5));
  }

  @Test
  void anEvenNumberOfPairsHasItsMedianHalfWay() {
    assertThat(Ratio.median(List.of(4.0, 1.0, 3.0, 2.0))).isEqualTo(2.5, within(1e-9));
  }

  @Test
  void anUnequalNumberOfRunsHasNoRatio() {
    assertThatThrownBy(() -> Ratio.of(List.of(1.0), List.of()))
        .hasMessage("Needs as many values on both sides, found 1 and 0");
  }

  @Test
  void everyEventHasTheSameLength() {
    for (long id = 0; id < EVENTS.count(); id++) {
      assertThat(EVENTS.at(id).json().getBytes(StandardCharsets.UTF_8)).hasSize(Events.BYTES);
    }
    assertThat(EVENTS.closing(3).json()).hasSize(Events.BYTES).contains("\"amount\":0,");
  }

  @Test
  void aMissingRowIsSeen() {
    Tally expected = EVENTS.filtered();

    assertThat(Checks.difference("table", expected, expected)).isEmpty();
    assertThat(Checks.difference("table", expected, expected.minus(wanted(7))))
        .startsWith("table holds ");
  }

  @Test
  void aDoubledRowIsSeenEvenWhereAnotherIsMissing() {
    Tally expected = EVENTS.filtered();

    assertThat(expected.plus(wanted(7))).isNotEqualTo(expected);
    assertThat(expected.plus(wanted(7)).minus(wanted(4_000))).isNotEqualTo(expected);
  }

  /** The first event from a number on that passes the filter. */
  private static Tally wanted(long from) {
    long id = from;
    while (EVENTS.at(id).amount() < Events.LEAST_AMOUNT) {
      id++;
    }
    Events.Event event = EVENTS.at(id);
    return Tally.event(event.id(), event.key(), event.millis(), event.amount());
  }

  @Test
  void aChangedColumnIsSeen() {
    assertThat(Tally.event(5, 42, 1_000, 200)).isNotEqualTo(Tally.event(5, 43, 1_000, 200));
    assertThat(Tally.event(5, 42, 1_000, 200)).isNotEqualTo(Tally.event(5, 42, 1_001, 200));
    assertThat(Tally.event(5, 42, 1_000, 200)).isNotEqualTo(Tally.event(5, 42, 1_000, 201));
    assertThat(Tally.window(10, 1, 2, 3)).isNotEqualTo(Tally.window(20, 1, 2, 3));
  }

  @Test
  void theWindowsHoldEveryEventOnce() {
    assertThat(EVENTS.windows().sum()).isEqualTo(EVENTS.count());
    assertThat(EVENTS.windows().rows()).isBetween(100L, 200L);
  }

  @Test
  void aLineHasMediansAndRatios() {
    Line line =
        Line.of(
                Suite.DECODE,
                Suite.DECODE.contests(false),
                Map.of(Variant.DECODE_OURS, List.of(FAST), Variant.DECODE_PLAIN, List.of(SLOW)),
                1_000,
                Map.of())
            .get(0);

    assertThat(line.json())
        .isEqualTo(
            "{\"name\":\"decode\",\"ours\":500.0,\"theirs\":250.0,\"unit\":\"rows/s\","
                + "\"ratio_median\":2.0,\"ratio_min\":2.0,\"ratio_max\":2.0,\"checked\":true,"
                + "\"pairs\":1,\"events\":1000}");
  }

  @Test
  void aWrongChecksumHasNoScore() {
    Outcome wrong = new Outcome(1, 1, 1, 1, null, List.of(), "PostgreSQL holds too much");
    List<Line> lines =
        Line.of(
            Suite.FOUR_SINKS,
            Suite.FOUR_SINKS.contests(false),
            Map.of(Variant.FOUR_SINKS, List.of(FAST, wrong), Variant.ONE_SINK, List.of(SLOW, SLOW)),
            1_000,
            Map.of());

    assertThat(lines)
        .extracting(Line::name)
        .containsExactly("four-sinks", "four-sinks-rate", "four-sinks-memory");
    assertThat(lines)
        .allSatisfy(
            line -> {
              assertThat(line.checked()).isFalse();
              assertThat(line.json()).contains("\"ours\":null", "\"ratio_median\":null");
            });
  }

  @Test
  void anUnknownNameIsToldWithThoseThatAreKnown() {
    assertThatThrownBy(() -> Suite.of("fast"))
        .hasMessage(
            "Unknown benchmark fast. Known are: decode, jdbc, window, four-sinks, audit, ledger,"
                + " ladder, score, score-row, latency");
  }

  @Test
  void latenciesAreThoseOfAllRowsAndOfThoseAwayFromPauses() {
    double[] sent = {0, 1_000, 2_000, 3_500, 5_000};
    double[] took = {3, 1, 80, 2, 4};

    assertThat(Latencies.of(sent, took, List.of(2_500L))).isEqualTo(new Latencies(3, 80, 4, 80));
    assertThat(Latencies.of(sent, took, List.of())).isEqualTo(new Latencies(3, 80, 80, 80));
  }

  @Test
  void aSuiteOfLatenciesTellsThemFirst() {
    Outcome quick = FAST.with(new Latencies(1, 2, 3, 4));
    List<Line> lines =
        Line.of(
            Suite.LATENCY,
            Suite.LATENCY.contests(true),
            Map.of(
                Variant.LATENCY_REALTIME,
                List.of(quick),
                Variant.LATENCY_BATCHES,
                List.of(SLOW.with(new Latencies(10, 20, 30, 40)))),
            1_000,
            Map.of());

    assertThat(lines)
        .extracting(Line::name)
        .containsExactly(
            "latency",
            "latency-p99",
            "latency-p99-running",
            "latency-worst",
            "latency-cpu",
            "latency-memory");
    assertThat(lines.get(1).ratioMedian()).isEqualTo(0.1);
  }
}
