package io.millrace.engine.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.fold.Firing;
import io.millrace.engine.spi.Late;
import io.millrace.engine.spi.Planned;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowStepTest {
  private static final String[] SPAN = {
    "unix_seconds(window_start)", "unix_seconds(window_end)", "k", "n"
  };

  static WatermarkStep watermark(int seconds) {
    return new WatermarkStep(
        new WatermarkStep.Settings(
            "t",
            Duration.ofSeconds(seconds),
            Late.DROP,
            Optional.empty(),
            Optional.empty(),
            Optional.empty()));
  }

  private static Optional<Duration> seconds(int seconds) {
    return seconds == 0 ? Optional.empty() : Optional.of(Duration.ofSeconds(seconds));
  }

  private static WindowStep window(String time, int every, int size, int session) {
    return window(time, every, size, session, Optional.empty(), "count(1)");
  }

  private static WindowStep window(
      String time,
      int every,
      int size,
      int session,
      Optional<WindowStep.Trigger> trigger,
      String aggregate) {
    return new WindowStep(
        new WindowStep.Settings(
            time,
            seconds(every),
            seconds(size),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            seconds(session),
            Optional.empty(),
            false,
            Optional.empty(),
            Optional.empty(),
            trigger,
            Optional.empty(),
            List.of("k"),
            Map.of("n", aggregate)));
  }

  @Test
  void takesTheTimeOfTheSourceWithItsOwnWatermark() throws Exception {
    try (Streams rows = Streams.of("ingested", "append", window("ingested", 10, 0, 0))) {
      rows.add("a 1", "a 2").add("a 20").add("a 31");
      assertThat(rows.rows(SPAN)).containsExactly("[0,10,a,2]", "[20,30,a,1]");
    }
  }

  @Test
  void hopsOverTheTimeOfTheSource() throws Exception {
    try (Streams rows = Streams.of("hopping_in", "append", window("ingested", 10, 20, 0))) {
      rows.add("a 11", "a 12").add("a 25").add("a 41");
      assertThat(rows.rows(SPAN)).containsExactly("[0,20,a,2]", "[10,30,a,3]", "[20,40,a,1]");
    }
  }

  @Test
  void refusesASecondWatermark() {
    assertThatThrownBy(
            () -> Streams.of("second", "append", watermark(5), window("ingested", 10, 0, 0)))
        .hasMessage(
            "Cannot use time: ingested here: the rows have a watermark already. Remove one of the"
                + " two");
    assertThatThrownBy(() -> Streams.of("twice", "append", watermark(5), watermark(6)))
        .hasMessageStartingWith("Cannot use a watermark on t here");
  }

  @Test
  void takesTheTimeOfTheBatch() throws Exception {
    try (Streams rows = Streams.of("processed", "update", window("processed", 3600, 0, 0))) {
      rows.add("a 1").add("b 2");
      assertThat(rows.rows("k", "sum(n) over (partition by k)")).contains("[a,1]", "[b,1]");
    }
  }

  @Test
  void givesTheSameOverATable() {
    assertThat(
            Tables.rows(
                Tables.run(
                        window("t", 10, 0, 0),
                        Tables.table(
                            "rows",
                            "select k, timestamp_seconds(s) as t from values ('a', 1), ('a', 9),"
                                + " ('a', 11) as v(k, s)"))
                    .selectExpr(SPAN)))
        .containsExactly("[0,10,a,2]", "[10,20,a,1]");
  }

  private static WindowStep clock(
      Duration every, int cumulate, Duration offset, String zone, String... by) {
    return new WindowStep(
        new WindowStep.Settings(
            "t",
            Optional.of(every),
            Optional.empty(),
            seconds(cumulate),
            Optional.of(offset).filter(value -> !value.isZero()),
            Optional.of(zone).filter(value -> !value.isEmpty()),
            Optional.empty(),
            Optional.empty(),
            false,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(by),
            Map.of("n", "count(1)")));
  }

  private static WindowStep cumulating() {
    return clock(Duration.ofSeconds(30), 10, Duration.ZERO, "", "k");
  }

  @Test
  void closesEachPartByItself() throws Exception {
    try (Streams rows = Streams.of("parts", "append", watermark(0), cumulating())) {
      rows.add("a 1").add("a 15");
      assertThat(rows.rows(SPAN)).containsExactly("[0,10,a,1]");
      // Too late for the first part, and not for the others.
      rows.add("a 2").add("z 100");
      assertThat(rows.rows(SPAN)).containsExactly("[0,10,a,1]", "[0,20,a,3]", "[0,30,a,3]");
    }
  }

  @Test
  void countsWindowsFromAnOffset() throws Exception {
    WindowStep window = clock(Duration.ofSeconds(10), 0, Duration.ofSeconds(3), "", "k");
    try (Streams rows = Streams.of("offset", "append", watermark(0), window)) {
      rows.add("a 2", "a 3", "a 12", "a 13").add("z 100");
      assertThat(rows.rows(SPAN)).containsExactly("[-7,3,a,1]", "[13,23,a,1]", "[3,13,a,2]");
    }
  }

  @Test
  void followsTheDaysOfAZone() {
    assertThat(days(clock(Duration.ofDays(1), 0, Duration.ZERO, "Europe/Berlin")))
        .containsExactly(
            "[2026-03-27T23:00:00Z,2026-03-28T23:00:00Z,1]",
            // The clocks go forward on the 29th, which has 23 hours, and back on 25 October.
            "[2026-03-28T23:00:00Z,2026-03-29T22:00:00Z,2]",
            "[2026-03-29T22:00:00Z,2026-03-30T22:00:00Z,1]",
            "[2026-10-24T22:00:00Z,2026-10-25T23:00:00Z,3]");
    assertThat(days(clock(Duration.ofDays(7), 0, Duration.ofDays(4), "Europe/Berlin")))
        .containsExactly(
            "[2026-03-22T23:00:00Z,2026-03-29T22:00:00Z,3]",
            "[2026-03-29T22:00:00Z,2026-04-05T22:00:00Z,1]",
            "[2026-10-18T22:00:00Z,2026-10-25T23:00:00Z,3]");
  }

  private static List<String> days(WindowStep window) {
    Planned.Input rows =
        Tables.table(
            "rows",
            "select cast(t as timestamp) as t from values ('2026-03-28T22:59:59Z'),"
                + " ('2026-03-28T23:00:00Z'), ('2026-03-29T21:59:59Z'), ('2026-03-29T22:00:00Z'),"
                + " ('2026-10-24T22:00:00Z'), ('2026-10-25T00:30:00Z'), ('2026-10-25T22:59:59Z')"
                + " as v(t)");
    String format = "date_format(%s, \"yyyy-MM-dd'T'HH:mm:ss'Z'\")";
    return Tables.rows(
        Tables.run(window, rows)
            .selectExpr(format.formatted("window_start"), format.formatted("window_end"), "n"));
  }

  /** Sessions of 10 s that take back what they said, and what is left of it behind them. */
  @ParameterizedTest
  @CsvSource({"2, 0", "0, 1"})
  void whatASessionTakesBackIsNotLateBehindIt(int rows, int early) throws Exception {
    WindowStep.Trigger trigger =
        new WindowStep.Trigger(
            Optional.of((long) rows).filter(some -> some > 0),
            Optional.of(Duration.ofMillis(early)).filter(some -> !some.isZero()),
            Optional.empty(),
            Firing.Panes.RETRACT);
    WindowStep sessions = window("t", 0, 0, 10, Optional.of(trigger), "count(1)");
    WindowStep sums =
        window("window_end", 1, 0, 0, Optional.empty(), "sum(if(operation = 'delete', -n, n))");
    try (Streams stream = Streams.of("back_" + rows, "append", watermark(0), sessions, sums)) {
      stream.add("a 100", "a 101").add("a 109").add("b 112").add("b 125").add("z 5000");
      assertThat(stream.rows("k", "unix_seconds(window_start)", "n"))
          .containsExactly("[a,111,0]", "[a,119,3]", "[b,122,1]", "[b,135,1]");
    }
  }

  @Test
  void refusesClocksThatDoNotFit() {
    Duration minute = Duration.ofMinutes(1);
    assertThatThrownBy(() -> clock(minute, 40, Duration.ZERO, ""))
        .hasMessage(
            "Expected cumulate to go into every, which is 1m, twice or more and without a rest,"
                + " found 40s");
    assertThatThrownBy(() -> clock(minute, 60, Duration.ZERO, ""))
        .hasMessageStartingWith("Expected cumulate to go into every");
    assertThatThrownBy(() -> clock(minute, 0, minute, ""))
        .hasMessage("Expected offset to be from 0s up to less than every, which is 1m, found 1m");
    assertThatThrownBy(() -> clock(minute, 0, Duration.ZERO, "Europe/Berlin"))
        .hasMessageStartingWith("Cannot follow the clocks of a zone every 1m.");
    assertThatThrownBy(() -> clock(Duration.ofDays(1), 0, Duration.ZERO, "Europe/Berlim"))
        .hasMessageStartingWith("Unknown zone Europe/Berlim.");
    assertThatThrownBy(() -> clock(Duration.ofDays(1), 3600, Duration.ZERO, "Europe/Berlin"))
        .hasMessageStartingWith("Cannot follow the clocks of a zone with size or cumulate");
  }

  @Test
  void refusesSettingsThatDoNotFit() {
    assertThatThrownBy(() -> window("t", 0, 0, 0))
        .hasMessageStartingWith("Needs one of every, session, snapshot, rows and last, found none");
    assertThatThrownBy(() -> window("t", 10, 0, 5)).hasMessageContaining("found every and session");
    assertThatThrownBy(() -> window("t", 10, 5, 0))
        .hasMessageStartingWith("Cannot start a window of 5s only every 10s");
    assertThatThrownBy(() -> window("t", 0, 5, 5))
        .hasMessage(
            "Cannot give a session size, which is for windows on the clock. Leave out size");
  }
}
