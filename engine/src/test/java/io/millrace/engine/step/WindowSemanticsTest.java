package io.millrace.engine.step;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.fold.Firing;
import io.millrace.engine.run.SparkDefaults;
import io.millrace.engine.spi.Planned;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/**
 * What windows of each kind make of rows that are on time, at a bound, late, repeated, out of order
 * or without a key or a time: a key is a case, and all kinds run side by side in one query.
 */
class WindowSemanticsTest {
  /**
   * Keys, and the seconds of 1970 at which rows of them lie. The first column comes in the first
   * batch, in front of which the watermark is where Spark lets it begin, at 1970. It stands at 100
   * when the second one comes, at 110 when the third one does, and closes everything behind that.
   */
  private static final String CASES =
      """
      on_time      | 91 99   | 101 104 | 111
      at_bound     | 95      | 100     | 110
      behind       | 95      | 99      | 109
      long_ago     | 95      | 85      | 95
      only_late    |         | 50      | 50
      repeated     | 98 98   | 98      |
      out_of_order | 98 91   | 104 101 |
      negative     | -3 -12  |         |
      far_back     | -2208988800 |     |
      null         | 94      | 105     |
      no_time      | none 93 | none    |
      spring       |         |         | 9954000 10036799 10036800
      autumn       |         |         | 25675200 25765199
      between      | 92 98   | 96      |
      clock        | 100     | 110     |
      """;

  /**
   * From when to when a window is, and its number of rows. A pane is early, on-time or late, by its
   * first letter; with an exclamation mark it is taken back.
   */
  private static final String RESULTS =
      """
      accumulate    | at_bound     | 100..110 1o, 110..120 1o, 90..100 1o
      accumulate    | behind       | 100..110 1o, 90..100 1o, 90..100 2l
      accumulate    | between      | 90..100 2e, 90..100 2o, 90..100 3l
      accumulate    | long_ago     | 90..100 1o
      accumulate    | negative     | -10..0 1o
      accumulate    | no_time      | 90..100 1o
      accumulate    | null         | 100..110 1o, 90..100 1o
      accumulate    | on_time      | 100..110 2e, 100..110 2o, 110..120 1o, 90..100 2e, 90..100 2o
      accumulate    | out_of_order | 100..110 2e, 100..110 2o, 90..100 2e, 90..100 2o
      accumulate    | repeated     | 90..100 2e, 90..100 2o, 90..100 3l
      cumulating    | at_bound     | 100..105 1, 100..110 1, 110..115 1, 110..120 1, 90..100 1
      cumulating    | behind       | 90..100 1
      cumulating    | between      | 90..100 2, 90..95 1
      cumulating    | long_ago     | 90..100 1
      cumulating    | no_time      | 90..100 1, 90..95 1
      cumulating    | null         | 100..110 1, 90..100 1, 90..95 1
      cumulating    | on_time      | 100..105 2, 100..110 2, 110..115 1, 110..120 1, 90..100 2, 90..95 1
      cumulating    | out_of_order | 100..105 2, 100..110 2, 90..100 2, 90..95 1
      cumulating    | repeated     | 90..100 2
      days          | at_bound     | -68400..18000 3
      days          | autumn       | 25675200..25765200 2
      days          | behind       | -68400..18000 3
      days          | between      | -68400..18000 3
      days          | long_ago     | -68400..18000 3
      days          | negative     | -68400..18000 2
      days          | no_time      | -68400..18000 1
      days          | null         | -68400..18000 2
      days          | on_time      | -68400..18000 5
      days          | only_late    | -68400..18000 2
      days          | out_of_order | -68400..18000 4
      days          | repeated     | -68400..18000 3
      days          | spring       | 10036800..10123200 1, 9954000..10036800 2
      discard       | at_bound     | 100..120 0o, 100..120 1e, 100..120 1e, 80..100 1o
      discard       | behind       | 100..120 1o, 80..100 1l, 80..100 1o
      discard       | between      | 80..100 0o, 80..100 1l, 80..100 2e
      discard       | long_ago     | 80..100 1l, 80..100 1o
      discard       | negative     | -20..0 0o, -20..0 2e
      discard       | no_time      | 80..100 1o
      discard       | null         | 100..120 0o, 100..120 1e, 80..100 1o
      discard       | on_time      | 100..120 0o, 100..120 1e, 100..120 2e, 80..100 0o, 80..100 2e
      discard       | out_of_order | 100..120 0o, 100..120 2e, 80..100 0o, 80..100 2e
      discard       | repeated     | 80..100 0o, 80..100 1l, 80..100 2e
      hopping       | at_bound     | 100..110 1, 105..115 1, 110..120 1, 90..100 1, 95..105 2
      hopping       | behind       | 105..115 1, 90..100 1, 95..105 2
      hopping       | between      | 85..95 1, 90..100 2, 95..105 2
      hopping       | long_ago     | 90..100 1, 95..105 1
      hopping       | negative     | -5..5 1
      hopping       | no_time      | 85..95 1, 90..100 1
      hopping       | null         | 100..110 1, 105..115 1, 85..95 1, 90..100 1
      hopping       | on_time      | 100..110 2, 105..115 1, 110..120 1, 85..95 1, 90..100 2, 95..105 3
      hopping       | out_of_order | 100..110 2, 85..95 1, 90..100 2, 95..105 3
      hopping       | repeated     | 90..100 2, 95..105 3
      hopping_early | at_bound     | 100..110 1o, 105..115 1o, 110..120 1o, 90..100 1o, 95..105 1e, 95..105 2e, 95..105 2o
      hopping_early | behind       | 100..110 1o, 105..115 1o, 90..100 1o, 90..100 2l, 95..105 1e, 95..105 2e, 95..105 2o
      hopping_early | between      | 85..95 1o, 90..100 2o, 90..100 3l, 95..105 1e, 95..105 2e, 95..105 2o
      hopping_early | long_ago     | 90..100 1o, 95..105 1e, 95..105 1o
      hopping_early | negative     | -10..0 1o, -5..5 1o
      hopping_early | no_time      | 85..95 1o, 90..100 1o
      hopping_early | null         | 100..110 1o, 105..115 1e, 105..115 1o, 85..95 1o, 90..100 1o
      hopping_early | on_time      | 100..110 2o, 105..115 1o, 110..120 1o, 85..95 1o, 90..100 2o, 95..105 1e, 95..105 3e, 95..105 3o
      hopping_early | out_of_order | 100..110 2o, 85..95 1o, 90..100 2o, 95..105 1e, 95..105 3e, 95..105 3o
      hopping_early | repeated     | 90..100 2o, 90..100 3l, 95..105 2e, 95..105 3e, 95..105 3o
      last          | at_bound     | 92..95 1, 95..98 0
      last          | behind       | 92..95 1, 95..98 0
      last          | between      | 89..92 1, 92..95 0, 95..98 1, 98..101 0
      last          | long_ago     | 92..95 1, 95..98 0
      last          | no_time      | 90..93 1, 93..96 0
      last          | null         | 102..105 1, 105..108 0, 91..94 1, 94..97 0
      last          | on_time      | 101..104 1, 104..107 0, 108..111 1, 111..114 0, 88..91 1, 91..94 0, 96..99 1, 98..101 2, 99..102 1
      last          | out_of_order | 101..104 1, 104..107 0, 88..91 1, 91..94 0, 95..98 1, 98..101 1
      last          | repeated     | 95..98 2, 98..101 0
      longest       | at_bound     | 95..100 1
      longest       | behind       | 95..100 1
      longest       | between      | 92..97 1, 98..103 1
      longest       | long_ago     | 95..100 1
      longest       | no_time      | 93..98 1
      longest       | null         | 105..110 1, 94..99 1
      longest       | on_time      | 111..116 1, 91..96 1, 99..107 3
      longest       | out_of_order | 91..96 1, 98..106 3
      longest       | repeated     | 98..103 2
      retract       | at_bound     | 100..120 1e, 100..120 1e!, 100..120 2e, 100..120 2e!, 100..120 2o, 80..100 1o
      retract       | behind       | 100..120 1o, 80..100 1o, 80..100 1o!, 80..100 2l
      retract       | between      | 80..100 2e, 80..100 2e!, 80..100 2o, 80..100 2o!, 80..100 3l
      retract       | long_ago     | 80..100 1o, 80..100 1o!, 80..100 2l
      retract       | negative     | -20..0 2e, -20..0 2e!, -20..0 2o
      retract       | no_time      | 80..100 1o
      retract       | null         | 100..120 1e, 100..120 1e!, 100..120 1o, 80..100 1o
      retract       | on_time      | 100..120 2e, 100..120 2e!, 100..120 3e, 100..120 3e!, 100..120 3o, 80..100 2e, 80..100 2e!, 80..100 2o
      retract       | out_of_order | 100..120 2e, 100..120 2e!, 100..120 2o, 80..100 2e, 80..100 2e!, 80..100 2o
      retract       | repeated     | 80..100 2e, 80..100 2e!, 80..100 2o, 80..100 2o!, 80..100 3l
      rows          | at_bound     | 95..115 1
      rows          | behind       | 95..115 1
      rows          | between      | 92..98 2
      rows          | long_ago     | 95..115 1
      rows          | no_time      | 93..113 1
      rows          | null         | 94..105 2
      rows          | on_time      | 101..104 2, 111..131 1, 91..99 2
      rows          | out_of_order | 101..104 2, 91..98 2
      rows          | repeated     | 98..98 2
      session       | at_bound     | 100..105 1, 110..115 1, 95..100 1
      session       | behind       | 109..114 1, 95..100 1, 99..104 1
      session       | between      | 92..97 1, 96..103 2
      session       | long_ago     | 95..100 1
      session       | negative     | -3..2 1
      session       | no_time      | 93..98 1
      session       | null         | 105..110 1, 94..99 1
      session       | on_time      | 111..116 1, 91..96 1, 99..109 3
      session       | out_of_order | 91..96 1, 98..109 3
      session       | repeated     | 98..103 3
      session_back  | at_bound     | 95..100 1o
      session_back  | behind       | 95..100 1o
      session_back  | between      | 92..97 1o, 98..103 1o
      session_back  | long_ago     | 95..100 1o
      session_back  | no_time      | 93..98 1o
      session_back  | null         | 105..110 1o, 94..99 1o
      session_back  | on_time      | 111..116 1o, 91..96 1o, 99..106 2e, 99..106 2e!, 99..109 3e, 99..109 3e!, 99..109 3o
      session_back  | out_of_order | 91..96 1o, 98..106 2e, 98..106 2e!, 98..109 3e, 98..109 3e!, 98..109 3o
      session_back  | repeated     | 98..103 2e, 98..103 2e!, 98..103 2o
      session_early | at_bound     | 100..105 1o, 110..115 1o, 95..100 1o
      session_early | behind       | 109..114 1o, 95..100 1o, 95..100 1o!, 95..104 2e, 95..104 2e!, 95..104 2o
      session_early | between      | 92..103 3e, 92..103 3e!, 92..103 3o, 92..97 1o, 92..97 1o!, 98..103 1e, 98..103 1e!
      session_early | long_ago     | 95..100 1o
      session_early | negative     | -3..2 1o
      session_early | no_time      | 93..98 1o
      session_early | null         | 105..110 1o, 94..99 1o
      session_early | on_time      | 111..116 1o, 91..96 1o, 99..104 1e, 99..104 1e!, 99..109 3e, 99..109 3e!, 99..109 3o
      session_early | out_of_order | 91..96 1o, 98..103 1e, 98..103 1e!, 98..109 3e, 98..109 3e!, 98..109 3o
      session_early | repeated     | 98..103 2e, 98..103 2e!, 98..103 3e, 98..103 3e!, 98..103 3o
      session_parts | at_bound     | 100..105 1o, 110..115 1o, 95..100 1o
      session_parts | behind       | 109..114 1o, 95..100 1o, 99..104 1o
      session_parts | between      | 92..97 1o, 96..103 0o, 96..103 1e, 98..103 1e
      session_parts | long_ago     | 95..100 1o
      session_parts | negative     | -3..2 1o
      session_parts | no_time      | 93..98 1o
      session_parts | null         | 105..110 1o, 94..99 1o
      session_parts | on_time      | 111..116 1o, 91..96 1o, 99..104 1e, 99..109 0o, 99..109 2e
      session_parts | out_of_order | 91..96 1o, 98..103 1e, 98..109 0o, 98..109 2e
      session_parts | repeated     | 98..103 0o, 98..103 1e, 98..103 2e
      snapshot      | at_bound     | 95..95 1
      snapshot      | behind       | 95..95 1
      snapshot      | between      | 92..92 1, 98..98 1
      snapshot      | long_ago     | 95..95 1
      snapshot      | no_time      | 93..93 1
      snapshot      | null         | 105..105 1, 94..94 1
      snapshot      | on_time      | 101..101 1, 104..104 1, 111..111 1, 91..91 1, 99..99 1
      snapshot      | out_of_order | 101..101 1, 104..104 1, 91..91 1, 98..98 1
      snapshot      | repeated     | 98..98 2
      tumbling      | at_bound     | 100..110 1, 110..120 1, 90..100 1
      tumbling      | behind       | 90..100 1
      tumbling      | between      | 90..100 2
      tumbling      | long_ago     | 90..100 1
      tumbling      | no_time      | 90..100 1
      tumbling      | null         | 100..110 1, 90..100 1
      tumbling      | on_time      | 100..110 2, 110..120 1, 90..100 2
      tumbling      | out_of_order | 100..110 2, 90..100 2
      tumbling      | repeated     | 90..100 2
      """;

  /** The same over a table, of rows that no watermark is behind, and of those that lie far off. */
  private static final String OVER_A_TABLE =
      """
      accumulate    | far_back     | -2208988800..-2208988790 1o
      accumulate    | far_off      | 4102444800..4102444810 1o
      accumulate    | negative     | -10..0 1o, -20..-10 1o
      accumulate    | null         | 90..100 1o
      cumulating    | far_back     | -2208988800..-2208988790 1, -2208988800..-2208988795 1
      cumulating    | far_off      | 4102444800..4102444805 1, 4102444800..4102444810 1
      cumulating    | negative     | -10..0 1, -20..-10 1
      cumulating    | null         | 90..100 1, 90..95 1
      days          | far_back     | -2209057200..-2208970800 1
      days          | far_off      | 4102376400..4102462800 1
      days          | negative     | -68400..18000 2
      days          | null         | -68400..18000 1
      discard       | far_back     | -2208988800..-2208988780 1o
      discard       | far_off      | 4102444800..4102444820 1o
      discard       | negative     | -20..0 2o
      discard       | null         | 80..100 1o
      hopping       | far_back     | -2208988800..-2208988790 1, -2208988805..-2208988795 1
      hopping       | far_off      | 4102444795..4102444805 1, 4102444800..4102444810 1
      hopping       | negative     | -10..0 1, -15..-5 1, -20..-10 1, -5..5 1
      hopping       | null         | 85..95 1, 90..100 1
      hopping_early | far_back     | -2208988800..-2208988790 1o, -2208988805..-2208988795 1o
      hopping_early | far_off      | 4102444795..4102444805 1o, 4102444800..4102444810 1o
      hopping_early | negative     | -10..0 1o, -15..-5 1o, -20..-10 1o, -5..5 1o
      hopping_early | null         | 85..95 1o, 90..100 1o
      last          | far_back     | -2208988800..-2208988797 0, -2208988803..-2208988800 1
      last          | far_off      | 4102444797..4102444800 1, 4102444800..4102444803 0
      last          | negative     | -12..-9 0, -15..-12 1, -3..0 0, -6..-3 1
      last          | null         | 91..94 1, 94..97 0
      longest       | far_back     | -2208988800..-2208988795 1
      longest       | far_off      | 4102444800..4102444805 1
      longest       | negative     | -12..-7 1, -3..2 1
      longest       | null         | 94..99 1
      retract       | far_back     | -2208988800..-2208988780 1o
      retract       | far_off      | 4102444800..4102444820 1o
      retract       | negative     | -20..0 2o
      retract       | null         | 80..100 1o
      rows          | far_back     | -2208988800..-2208988780 1
      rows          | far_off      | 4102444800..4102444820 1
      rows          | negative     | -12..-3 2
      rows          | null         | 94..114 1
      session       | far_back     | -2208988800..-2208988795 1
      session       | far_off      | 4102444800..4102444805 1
      session       | negative     | -12..-7 1, -3..2 1
      session       | null         | 94..99 1
      session_back  | far_back     | -2208988800..-2208988795 1o
      session_back  | far_off      | 4102444800..4102444805 1o
      session_back  | negative     | -12..-7 1o, -3..2 1o
      session_back  | null         | 94..99 1o
      session_early | far_back     | -2208988800..-2208988795 1o
      session_early | far_off      | 4102444800..4102444805 1o
      session_early | negative     | -12..-7 1o, -3..2 1o
      session_early | null         | 94..99 1o
      session_parts | far_back     | -2208988800..-2208988795 1o
      session_parts | far_off      | 4102444800..4102444805 1o
      session_parts | negative     | -12..-7 1o, -3..2 1o
      session_parts | null         | 94..99 1o
      snapshot      | far_back     | -2208988800..-2208988800 1
      snapshot      | far_off      | 4102444800..4102444800 1
      snapshot      | negative     | -12..-12 1, -3..-3 1
      snapshot      | null         | 94..94 1
      tumbling      | far_back     | -2208988800..-2208988790 1
      tumbling      | far_off      | 4102444800..4102444810 1
      tumbling      | negative     | -10..0 1, -20..-10 1
      tumbling      | null         | 90..100 1
      """;

  private static Map<String, WindowStep> kinds() {
    Map<String, WindowStep> kinds = new LinkedHashMap<>();
    kinds.put("tumbling", window(new Clock(10, 10, 0, ""), Optional.empty()));
    kinds.put("hopping", window(new Clock(5, 10, 0, ""), Optional.empty()));
    kinds.put("cumulating", window(new Clock(10, 0, 5, ""), Optional.empty()));
    kinds.put("days", window(new Clock(86_400, 0, 0, "America/New_York"), Optional.empty()));
    kinds.put("snapshot", window(new Silent(0, 0, true, 0, 0), Optional.empty()));
    kinds.put("session", window(new Silent(5, 0, false, 0, 0), Optional.empty()));
    kinds.put("longest", window(new Silent(5, 8, false, 0, 0), Optional.empty()));
    kinds.put("rows", window(new Silent(0, 20, false, 2, 0), Optional.empty()));
    kinds.put("last", window(new Silent(0, 0, false, 0, 3), Optional.empty()));
    kinds.put(
        "accumulate", window(new Clock(10, 10, 0, ""), trigger(2, 0, 10, Firing.Panes.ACCUMULATE)));
    kinds.put("discard", window(new Clock(20, 20, 0, ""), trigger(2, 1, 10, Firing.Panes.DISCARD)));
    kinds.put("retract", window(new Clock(20, 20, 0, ""), trigger(2, 1, 10, Firing.Panes.RETRACT)));
    kinds.put(
        "hopping_early",
        window(new Clock(5, 10, 0, ""), trigger(0, 1, 5, Firing.Panes.ACCUMULATE)));
    kinds.put(
        "session_back",
        window(new Silent(5, 0, false, 0, 0), trigger(2, 0, 0, Firing.Panes.RETRACT)));
    kinds.put(
        "session_early",
        window(new Silent(5, 0, false, 0, 0), trigger(0, 1, 5, Firing.Panes.RETRACT)));
    kinds.put(
        "session_parts",
        window(new Silent(5, 0, false, 0, 0), trigger(0, 1, 0, Firing.Panes.DISCARD)));
    return kinds;
  }

  /** Windows on the clock, in seconds; 0 is left out. */
  private record Clock(int every, int size, int cumulate, String zone) {}

  /** Windows by the rows. */
  private record Silent(int session, int longest, boolean snapshot, long rows, int last) {}

  private static WindowStep window(Clock clock, Optional<WindowStep.Trigger> trigger) {
    return window(clock, new Silent(0, 0, false, 0, 0), trigger);
  }

  private static WindowStep window(Silent silent, Optional<WindowStep.Trigger> trigger) {
    return window(new Clock(0, 0, 0, ""), silent, trigger);
  }

  private static WindowStep window(
      Clock clock, Silent silent, Optional<WindowStep.Trigger> trigger) {
    return new WindowStep(
        new WindowStep.Settings(
            "t",
            seconds(clock.every()),
            seconds(clock.size()),
            seconds(clock.cumulate()),
            Optional.empty(),
            Optional.of(clock.zone()).filter(zone -> !zone.isEmpty()),
            seconds(silent.session()),
            seconds(silent.longest()),
            silent.snapshot(),
            Optional.of(silent.rows()).filter(rows -> rows > 0),
            seconds(silent.last()),
            trigger,
            Optional.empty(),
            List.of("k"),
            Map.of("n", "count(1)")));
  }

  /**
   * When windows fire.
   *
   * @param early in milliseconds; 1 is with each batch behind the one with the first row, be it
   *     only for the watermark
   */
  private static Optional<WindowStep.Trigger> trigger(
      long rows, int early, int late, Firing.Panes panes) {
    return Optional.of(
        new WindowStep.Trigger(
            Optional.of(rows).filter(some -> some > 0),
            Optional.of(Duration.ofMillis(early)).filter(some -> !some.isZero()),
            seconds(late),
            panes));
  }

  private static Optional<Duration> seconds(int seconds) {
    return Optional.of(Duration.ofSeconds(seconds)).filter(some -> !some.isZero());
  }

  /** What windows of all kinds make of rows: the kind, the case and the result. */
  private static Dataset<Row> results(Planned.Input rows) {
    Planned.Input timed =
        new Planned.Input("rows", Tables.analysed(Tables.run(WindowStepTest.watermark(0), rows)));
    return kinds().entrySet().stream()
        .map(
            kind ->
                Tables.run(kind.getValue(), timed)
                    .selectExpr(
                        "'%s' as kind".formatted(kind.getKey()),
                        "coalesce(k, 'null') as case",
                        "concat(unix_seconds(window_start), '..', unix_seconds(window_end), ' ', n%s) as result"
                            .formatted(pane(kind.getValue()))))
        .reduce(Dataset::union)
        .orElseThrow();
  }

  private static String pane(WindowStep step) {
    return step.settings()
        .trigger()
        .map(
            trigger ->
                trigger.panes() == Firing.Panes.RETRACT
                    ? ", left(pane, 1), if(operation = 'delete', '!', '')"
                    : ", left(pane, 1)")
        .orElse("");
  }

  private static String[] batch(int column) {
    return CASES
        .lines()
        .map(line -> line.split("\\|", -1))
        .flatMap(
            cells ->
                Stream.of(cells[column].strip().split(" "))
                    .filter(second -> !second.isEmpty())
                    .map(second -> cells[0].strip() + " " + second))
        .toArray(String[]::new);
  }

  /** A line for each kind and case, as the tables above are written. */
  private static List<String> table(Dataset<Row> results) {
    Map<String, List<String>> cells = new LinkedHashMap<>();
    for (Row row : results.collectAsList()) {
      String key = row.getString(0) + " | " + row.getString(1);
      cells.computeIfAbsent(key, any -> new ArrayList<>()).add(row.getString(2));
    }
    return cells.entrySet().stream()
        .map(
            cell ->
                cell.getKey()
                    + " | "
                    + cell.getValue().stream().sorted().collect(Collectors.joining(", ")))
        .sorted()
        .toList();
  }

  private static List<String> written(String table) {
    return table.lines().map(line -> line.replaceAll(" +", " ").strip()).sorted().toList();
  }

  @Test
  void holdsOverAStream() throws Exception {
    String reuse = "spark.sql.exchange.reuse";
    String days =
        "case not in ('spring', 'autumn', 'clock') or (kind = 'days' and case <> 'clock')";
    Tables.spark().conf().set(reuse, SparkDefaults.of(2).get(reuse));
    try (Streams stream = Streams.over("semantics", WindowSemanticsTest::results)) {
      assertThat(stream.add().rows("*")).as("of no rows").isEmpty();
      stream.add(batch(1)).add(batch(2)).add(batch(3)).add("clock 30000000");
      assertThat(table(Tables.spark().table("semantics").where(days)))
          .containsExactlyElementsOf(written(RESULTS));
    } finally {
      Tables.spark().conf().unset(reuse);
    }
  }

  @Test
  void holdsOverATable() {
    String rows =
        Stream.of(batch(1))
            .map(row -> row.split(" "))
            .map(row -> "('%s', %s)".formatted(row[0], row[1].equals("none") ? "null" : row[1]))
            .collect(Collectors.joining(", "));
    Planned.Input table =
        Tables.table(
            "rows",
            "select nullif(k, 'null') as k, timestamp_seconds(s) as t from values %s as v(k, s)"
                .formatted(rows + ", ('far_off', 4102444800)"));
    assertThat(table(results(table).where("case in ('negative', 'far_back', 'far_off', 'null')")))
        .containsExactlyElementsOf(written(OVER_A_TABLE));
  }
}
