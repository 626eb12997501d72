package io.millrace.jobs.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BalanceTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final Truth truth = new Truth();

  BalanceTest() {
    Generator generator = new Generator(7, START, Duration.ofMillis(120));
    for (int i = 0; i < 200; i++) {
      Optional<Instant> closed = i < 50 ? Optional.empty() : Optional.of(START.plusSeconds(90));
      generator.next(50, closed).forEach(truth::add);
    }
    generator.closing().forEach(truth::add);
  }

  @Test
  void holdsWhereEverythingIsFound() {
    Balance balance = Balance.of(truth, found());
    assertThat(balance.lines()).allMatch(Balance.Line::holds);
    assertThat(balance.holds()).isTrue();
  }

  @Test
  void findsALostRawEvent() {
    Found all = found();
    Map<String, Long> raw = new HashMap<>(all.raw());
    raw.merge("clicks", -1L, Long::sum);
    assertThat(wrong(new Found(raw, all.letters(), all.scored(), all.minutes(), all.dropped())))
        .containsExactly("clicks: made, raw in Delta");
  }

  @Test
  void findsADeadLetterTooMany() {
    Found all = found();
    Map<Found.Letter, Long> letters = new HashMap<>(all.letters());
    letters.merge(new Found.Letter("impressions", "decode"), 1L, Long::sum);
    assertThat(wrong(new Found(all.raw(), letters, all.scored(), all.minutes(), all.dropped())))
        .containsExactly(
            "impressions against decode, dead letters",
            "all events, in windows + repeated + late + dead letters + closing");
  }

  @Test
  void findsADeadLetterOfARuleThatNothingBroke() {
    Found all = found();
    Map<Found.Letter, Long> letters = new HashMap<>(all.letters());
    letters.put(new Found.Letter("impressions", "strange"), 1L);
    assertThat(wrong(new Found(all.raw(), letters, all.scored(), all.minutes(), all.dropped())))
        .containsExactly("all events, in windows + repeated + late + dead letters + closing");
  }

  @Test
  void findsOneCentTooMuchInAWindow() {
    Found all = found();
    Map<Minute, Totals> minutes = new HashMap<>(all.minutes());
    minutes.computeIfPresent(
        minutes.keySet().iterator().next(), (minute, totals) -> totals.plus(new Totals(0, 0, 1)));
    assertThat(wrong(new Found(all.raw(), all.letters(), all.scored(), minutes, all.dropped())))
        .containsExactly("windows, each equal in all numbers");
  }

  @Test
  void findsAnEventThatMovedToAnotherWindow() {
    Found all = found();
    Map<Minute, Totals> minutes = new HashMap<>(all.minutes());
    List<Minute> two = minutes.keySet().stream().limit(2).toList();
    minutes.computeIfPresent(two.get(0), (key, totals) -> totals.plus(new Totals(0, 1, 0)));
    minutes.computeIfPresent(two.get(1), (key, totals) -> totals.plus(new Totals(0, -1, 0)));
    assertThat(wrong(new Found(all.raw(), all.letters(), all.scored(), minutes, all.dropped())))
        .containsExactly("windows, each equal in all numbers");
  }

  @Test
  void findsALateEventThatWasNotDropped() {
    Found all = found();
    LeftOut one = new LeftOut(all.dropped().late() - 1, all.dropped().repeated());
    assertThat(wrong(new Found(all.raw(), all.letters(), all.scored(), all.minutes(), one)))
        .containsExactly(
            "late events, dropped by the watermark",
            "all events, in windows + repeated + late + dead letters + closing");
  }

  @Test
  void findsAClickThatWasScoredTwice() {
    Found all = found();
    Found.Scored twice = new Found.Scored(all.scored().rows() + 1, all.scored().different(), 0, 0);
    assertThat(wrong(new Found(all.raw(), all.letters(), twice, all.minutes(), all.dropped())))
        .containsExactly("valid clicks, scored in Kafka");
  }

  private List<String> wrong(Found found) {
    Balance balance = Balance.of(truth, found);
    assertThat(balance.holds()).isFalse();
    return balance.lines().stream().filter(line -> !line.holds()).map(Balance.Line::what).toList();
  }

  /** What a job without a fault leaves behind. */
  private Found found() {
    Map<String, Long> raw = new HashMap<>();
    Map<Found.Letter, Long> letters = new HashMap<>();
    for (Topic topic : Topic.values()) {
      raw.put(topic.title(), truth.made(topic));
      for (Sort sort : Sort.values()) {
        sort.rule(topic)
            .ifPresent(
                rule ->
                    letters.merge(
                        new Found.Letter(topic.title(), rule), truth.made(topic, sort), Long::sum));
      }
    }
    long valid = truth.valid(Topic.CLICKS);
    Found.Scored scored =
        new Found.Scored(valid, valid - truth.made(Topic.CLICKS, Sort.REPEATED), 10, 9);
    LeftOut dropped = new LeftOut(truth.made(Sort.LATE), truth.made(Sort.REPEATED));
    return new Found(raw, letters, scored, truth.minutes(), dropped);
  }
}
