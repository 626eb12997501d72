package io.millrace.tests.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TruthTest {
  private static final long MICROS = 1_767_225_600_000_000L;

  private final Truth truth = new Truth();
  private long offset;

  private void add(String value) {
    truth.add(0, offset++, value.replace('\'', '"'));
  }

  @Test
  void everyRecordIsARowOrADeadLetterAndInTimeCountsOnceInAWindow() {
    add("{'id':1,'k':'a','t':'2026-01-01T00:00:01Z','amount':2}");
    add("{'id':1,'k':'a','t':'2026-01-01T00:00:01Z','amount':2}");
    add("{'id':2,'k':'a','t':'2025-01-01T00:00:01Z','amount':5}");
    add("{'id':3,'k':'a','t':'2026-01-01T00:00:01Z','amount':-1}");
    add("{'k':'a','t':'2026-01-01T00:00:01Z','amount':1}");
    add("{'id':4,'k':'a','t':'2026-01-01T00:00:01Z','amount':'many'}");
    add("{'id':5,'k':");
    add("broken");
    add("{'id':6,'k':'closing','t':'2026-01-01T12:00:00Z','amount':1}");

    assertThat(truth.all(Part.ROWS))
        .containsExactly(
            Entry.row(0, 0, 1, "a", MICROS + 1_000_000, 2),
            Entry.row(0, 1, 1, "a", MICROS + 1_000_000, 2),
            Entry.row(0, 2, 2, "a", MICROS + 1_000_000 - 31_536_000_000_000L, 5),
            Entry.row(0, 8, 6, "closing", MICROS + 43_200_000_000L, 1));
    assertThat(truth.all(Part.WINDOWS)).containsExactly(Entry.window("a", MICROS, 2, 4));
    assertThat(truth.all(Part.DEAD_LETTERS))
        .extracting(Entry::identity)
        .containsExactly(
            "0/3/valid/amount_positive",
            "0/4/events/not_null",
            "0/5/events/decode",
            "0/6/events/decode",
            "0/7/events/decode");
  }

  @Test
  void aBatchEndsWhereItsMarkSays() {
    add("{'id':1,'k':'a','t':'2026-01-01T00:00:01Z','amount':2}");
    add("{'id':2,'k':'a','t':'2026-01-01T00:10:00Z','amount':3}");
    add("{'id':3,'k':'b','t':'2026-01-01T12:00:00Z','amount':4}");
    long watermark = MICROS / 1000 + 600_000;

    assertThat(truth.sums(Part.ROWS, new Mark(0, Map.of(0, 2L)))).isEqualTo(new Sums(2, 1, 5));
    assertThat(truth.sums(Part.ROWS, Mark.NOTHING)).isEqualTo(Sums.NONE);
    assertThat(truth.sums(Part.WINDOWS, new Mark(watermark, Map.of())))
        .isEqualTo(new Sums(1, 1, 2));
    assertThat(truth.sums(Part.WINDOWS, new Mark(watermark - 1, Map.of()))).isEqualTo(Sums.NONE);
  }

  @Test
  void aMissingADoubledAndAChangedRowAreToldApart() {
    Entry first = Entry.row(0, 1, 1, "a", 0, 1);
    Entry second = Entry.row(0, 2, 2, "a", 0, 1);
    Entry changed = Entry.row(0, 2, 2, "b", 0, 1);
    List<Entry> both = List.of(first, second);

    assertThat(Account.of(both, List.of(second, first), 0))
        .isEqualTo(new Account(2, 2, 0, 0, 0, 0))
        .satisfies(account -> assertThat(account.holds()).isTrue());
    assertThat(Account.of(both, List.of(first), 0)).isEqualTo(new Account(2, 1, 1, 0, 0, 0));
    assertThat(Account.of(both, List.of(first, second, second), 0))
        .isEqualTo(new Account(2, 3, 0, 1, 0, 0));
    assertThat(Account.of(both, List.of(first, changed), 0))
        .isEqualTo(new Account(2, 2, 0, 0, 1, 0));
    assertThat(Account.of(List.of(first), both, 0)).isEqualTo(new Account(1, 2, 0, 1, 0, 0));
    assertThat(Account.of(both, both, 1).holds()).as("torn").isFalse();
  }

  @Test
  void theWorkloadIsAFunctionOfItsSeedAndHasEverySortOfRecord() {
    List<String> values = new Workload(7).values(0, 2_000);
    assertThat(new Workload(7).values(0, 2_000)).isEqualTo(values);
    assertThat(new Workload(8).values(0, 2_000)).isNotEqualTo(values);
    List<String> apart = new ArrayList<>(new Workload(7).values(0, 700));
    apart.addAll(new Workload(7).values(700, 2_000));
    assertThat(apart).as("sent in other chunks").isEqualTo(values);

    values.forEach(this::add);
    add(Workload.closing(2_000, 0));
    long rows = truth.all(Part.ROWS).size();
    long counted = truth.all(Part.WINDOWS).stream().mapToLong(Entry::first).sum();
    assertThat(rows + truth.all(Part.DEAD_LETTERS).size()).isEqualTo(2_001);
    assertThat(rows - 1 - counted).as("hopelessly late").isBetween(20L, 120L);
    assertThat(values).as("repeated").hasSizeGreaterThan((int) values.stream().distinct().count());
    assertThat(truth.all(Part.DEAD_LETTERS))
        .extracting(entry -> entry.identity().replaceFirst(".*?/.*?/", ""))
        .contains("valid/amount_positive", "events/not_null", "events/decode");
    assertThat(values.subList(0, (int) Workload.FIRST))
        .as("late before the watermark has moved")
        .noneMatch(value -> value.contains("\"2024-") || value.contains("\"2025-"));
  }

  @Test
  void aSequenceOfFaultsIsAFunctionOfItsSeed() {
    List<Fault> others = Fault.others(List.of(Mode.JDBC));
    List<Fault> faults = Fault.sequence(30, others, new Random(1));
    assertThat(Fault.sequence(30, others, new Random(1))).isEqualTo(faults);
    assertThat(faults)
        .hasSize(60)
        .contains(EnumSet.range(Fault.KILL_EARLY, Fault.SECOND_START).toArray(Fault[]::new));
    assertThat(Fault.others(List.of(Mode.DELTA))).doesNotContain(Fault.LOST_ANSWER, Fault.DATABASE);
  }

  @Test
  void aPlanOfFaultsIsTakenAsItIsWritten() {
    assertThat(Fault.plan("pause=2, lost_answer=3", new Random(1)))
        .containsExactlyInAnyOrder(
            Fault.PAUSE, Fault.PAUSE, Fault.LOST_ANSWER, Fault.LOST_ANSWER, Fault.LOST_ANSWER);
    assertThat(Fault.plan("kill=40", new Random(1)))
        .hasSize(40)
        .containsOnly(Fault.KILLS.toArray(Fault[]::new))
        .contains(Fault.KILLS.toArray(Fault[]::new));
    assertThatThrownBy(() -> Fault.plan("kill", new Random(1)))
        .hasMessage("Expected faults and how often, such as kill=5,pause=2, found kill");
    assertThatThrownBy(() -> Fault.plan("flood=1", new Random(1)))
        .hasMessageStartingWith("Unknown fault flood. Known are: kill_early, kill, kill_ahead,");
  }

  @Test
  void anUnknownSinkIsToldWithThoseThatAreKnown() {
    assertThatThrownBy(() -> Mode.of("oracle"))
        .hasMessage("Unknown sink oracle. Known are: jdbc, delta, kafka, staged");
  }
}
