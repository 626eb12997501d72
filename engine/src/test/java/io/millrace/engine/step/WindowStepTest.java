package io.millrace.engine.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Late;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WindowStepTest {
  private static final String[] SPAN = {
    "unix_seconds(window_start)", "unix_seconds(window_end)", "k", "n"
  };

  static WatermarkStep watermark(int seconds) {
    return new WatermarkStep(
        new WatermarkStep.Settings(
            "t", Duration.ofSeconds(seconds), Late.DROP, Optional.empty(), Optional.empty()));
  }

  private static Optional<Duration> seconds(int seconds) {
    return seconds == 0 ? Optional.empty() : Optional.of(Duration.ofSeconds(seconds));
  }

  private static WindowStep window(String time, int every, int size, int session) {
    return new WindowStep(
        new WindowStep.Settings(
            time,
            seconds(every),
            seconds(size),
            seconds(session),
            List.of("k"),
            Map.of("n", "count(1)")));
  }

  @Test
  void closesTumblingWindowsAndLeavesOutWhatIsLate() throws Exception {
    try (Streams rows = Streams.of("tumbling", "append", watermark(5), window("t", 10, 0, 0))) {
      rows.add("a 1", "a 9", "a 11").add("a 3");
      assertThat(rows.rows(SPAN)).isEmpty();
      rows.add("a 16").add("a 2", "a 12").add("a 30");
      assertThat(rows.rows(SPAN)).containsExactly("[0,10,a,3]", "[10,20,a,3]");
    }
  }

  @Test
  void putsARowIntoEveryWindowThatHopsOverIt() throws Exception {
    try (Streams rows = Streams.of("hopping", "append", watermark(0), window("t", 5, 10, 0))) {
      rows.add("a 7").add("a 30");
      assertThat(rows.rows(SPAN)).containsExactly("[0,10,a,1]", "[5,15,a,1]");
    }
  }

  @Test
  void endsASessionAfterSilence() throws Exception {
    try (Streams rows = Streams.of("session", "append", watermark(0), window("t", 0, 0, 5))) {
      rows.add("a 1", "a 4", "a 10", "b 2").add("a 40");
      assertThat(rows.rows(SPAN)).containsExactly("[1,9,a,2]", "[10,15,a,1]", "[2,7,b,1]");
    }
  }

  @Test
  void takesTheTimeOfTheSourceWithItsOwnWatermark() throws Exception {
    try (Streams rows = Streams.of("ingested", "append", window("ingested", 10, 0, 0))) {
      rows.add("a 1", "a 2").add("a 20").add("a 31");
      assertThat(rows.rows(SPAN)).containsExactly("[0,10,a,2]", "[20,30,a,1]");
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

  @Test
  void refusesSettingsThatDoNotFit() {
    assertThatThrownBy(() -> window("t", 0, 0, 0))
        .hasMessageStartingWith("Needs either every or session");
    assertThatThrownBy(() -> window("t", 10, 0, 5)).hasMessageContaining("found both");
    assertThatThrownBy(() -> window("t", 10, 5, 0))
        .hasMessageStartingWith("Cannot start a window of 5s only every 10s");
    assertThatThrownBy(() -> window("t", 0, 5, 5))
        .hasMessageStartingWith("Cannot give a session a size");
  }
}
