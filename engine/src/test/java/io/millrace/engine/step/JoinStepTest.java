package io.millrace.engine.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Planned;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JoinStepTest {
  private static final Optional<Duration> NONE = Optional.empty();

  private static Optional<Duration> seconds(long seconds) {
    return Optional.of(Duration.ofSeconds(seconds));
  }

  private static JoinStep join(
      Optional<Duration> after,
      Optional<Duration> before,
      JoinStep.Type type,
      Optional<String> time) {
    return new JoinStep(
        new JoinStep.Settings(
            "shown", "clicked", List.of("k"), after, before, type, time, Optional.empty(), false));
  }

  private static JoinStep join(JoinStep.Type type) {
    return join(seconds(10), NONE, type, Optional.empty());
  }

  /** Rows of two streams, in turn; each call is a batch. */
  private static TwoStreams of(String table, Planned... steps) throws Exception {
    return TwoStreams.of(
        table,
        new TwoStreams.Side("shown", "shown_at"),
        new TwoStreams.Side("clicked", "clicked_at"),
        steps);
  }

  @ParameterizedTest
  @CsvSource({"INNER,,0", "RIGHT,,10", "LEFT,clicked_at,10"})
  void oneTimeStaysTheEventTimeOfALaterWindow(JoinStep.Type type, String time, long start)
      throws Exception {
    WindowStep window =
        new WindowStep(
            new WindowStep.Settings(
                type == JoinStep.Type.RIGHT || time != null ? "clicked_at" : "shown_at",
                seconds(10),
                NONE,
                NONE,
                NONE,
                Optional.empty(),
                NONE,
                Optional.empty(),
                false,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Map.of("n", "count(1)")));
    try (TwoStreams rows =
        of(
            "window_" + type + time,
            join(seconds(10), NONE, type, Optional.ofNullable(time)),
            window)) {
      rows.left("a 5");
      rows.right("a 12");
      rows.left("z 500");
      rows.right("z 500");
      rows.left("z 600");
      rows.right("z 600");

      assertThat(rows.where("unix_seconds(window_start) < 400", "unix_seconds(window_start)", "n"))
          .containsExactly("[" + start + ",1]");
    }
  }

  @Test
  void tablesAreJoinedAlike() {
    Planned.Input shown =
        timed(
            "shown",
            "shown_at",
            "select 'a' as k, timestamp_seconds(100) as shown_at union all select 'b', timestamp_seconds(100)");
    Planned.Input clicked =
        timed(
            "clicked",
            "clicked_at",
            "select 'a' as k, timestamp_seconds(110) as clicked_at union all select 'a', timestamp_seconds(111)");

    Dataset<Row> rows = Tables.run(join(JoinStep.Type.LEFT), shown, clicked);

    assertThat(
            Tables.rows(rows.selectExpr("k", "unix_seconds(shown_at)", "unix_seconds(clicked_at)")))
        .containsExactly("[a,100,110]", "[b,100,null]");
    assertThat(rows.columns()).containsExactly("k", "shown_at", "clicked_at");
    assertThat(Tables.run(join(JoinStep.Type.SEMI), shown, clicked).columns())
        .containsExactly("k", "shown_at");
  }

  private static Planned.Input timed(String name, String time, String sql) {
    Planned.Input plain = Tables.table(name, sql);
    return new Planned.Input(name, Tables.analysed(Tables.run(TwoStreams.watermark(time), plain)));
  }

  @Test
  void refusesWhatCannotBeJoined() {
    Planned.Input shown =
        timed("shown", "shown_at", "select 'a' as k, 1 as price, timestamp_seconds(1) as shown_at");
    Planned.Input priced =
        timed(
            "clicked",
            "clicked_at",
            "select 'a' as k, 1 as PRICE, timestamp_seconds(1) as clicked_at");
    Planned.Input timeless = Tables.table("clicked", "select 'a' as k");

    assertThatThrownBy(() -> Tables.run(join(JoinStep.Type.INNER), shown, priced))
        .hasMessage(
            "Cannot join shown and clicked: both have a column PRICE. Rename one of them in a step"
                + " above, or add it to on");
    assertThatThrownBy(() -> Tables.run(join(JoinStep.Type.INNER), shown, timeless))
        .hasMessage(
            "Needs a watermark on clicked, whose time after and before speak of. Add watermark:"
                + " {time: …, delay: …} to its source");
    assertThatThrownBy(
            () ->
                Tables.run(
                    join(seconds(1), NONE, JoinStep.Type.INNER, Optional.of("price")),
                    shown,
                    timed(
                        "clicked",
                        "clicked_at",
                        "select 'a' as k, timestamp_seconds(1) as clicked_at")))
        .hasMessage(
            "Cannot take price as the event time: it has no watermark. There are [shown_at,"
                + " clicked_at]");
    assertThatThrownBy(
            () ->
                Tables.run(
                    join(JoinStep.Type.INNER), Tables.table("shown", "select 1 as kk"), timeless))
        .hasMessage("Unknown column k in on. There are [kk]");
  }

  @Test
  void refusesSettingsThatContradictEachOther() {
    List<String> key = List.of("k");
    assertThatThrownBy(() -> settings("a", key, NONE, NONE, false))
        .hasMessageStartingWith("Cannot join a with itself");
    assertThatThrownBy(() -> settings("b", List.of(), NONE, NONE, false))
        .hasMessageStartingWith("Missing on.");
    assertThatThrownBy(() -> settings("b", key, seconds(-1), NONE, false))
        .hasMessage("Expected after to be 0s or longer, found -1s");
    assertThatThrownBy(() -> settings("b", key, NONE, seconds(1), true))
        .hasMessage("Cannot be unbounded and bound the times by before. Leave out one of them");
  }

  private static JoinStep.Settings settings(
      String right,
      List<String> on,
      Optional<Duration> after,
      Optional<Duration> before,
      boolean unbounded) {
    return new JoinStep.Settings(
        "a",
        right,
        on,
        after,
        before,
        JoinStep.Type.INNER,
        Optional.empty(),
        Optional.empty(),
        unbounded);
  }
}
