package io.millrace.engine.step;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.fold.Changes;
import io.millrace.engine.fold.Firing;
import io.millrace.engine.fold.Pattern;
import io.millrace.engine.spi.Planned;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What steps with state of their own refuse, before a row is read. */
class OrderedRefusalsTest {
  private static final Optional<Duration> HOUR = Optional.of(Duration.ofHours(1));

  private static Planned changes(Optional<Duration> forget, boolean unbounded, String... of) {
    return new ChangesStep(
        new ChangesStep.Settings(List.of("k"), List.of(of), Changes.First.KEEP, forget, unbounded));
  }

  private static Planned running(String aggregate) {
    return new RunningStep(
        new RunningStep.Settings(List.of("k"), Map.of("n", aggregate), HOUR, false));
  }

  private static Planned top(Optional<Duration> every, String... order) {
    return new TopStep(
        new TopStep.Settings(3, List.of(order), List.of("k"), every, false, List.of(), false));
  }

  private static PatternStep.Settings pattern(
      Optional<String> without, Pattern.Until until, Map<String, String> columns) {
    return new PatternStep.Settings(
        List.of("k"),
        List.of(new PatternStep.Part("one", "v = 1", 1)),
        Duration.ofHours(1),
        without,
        until,
        false,
        columns);
  }

  /** The plan over rows with a watermark on t. */
  private static void plan(Planned step) {
    var marked =
        Tables.analysed(
            Tables.run(
                WindowStepTest.watermark(5),
                Tables.table(
                    "rows", "select 'a' as k, timestamp_seconds(1) as t, 1L as v, map() as m")));
    step.plan(List.of(new Planned.Input("rows", marked)));
  }

  @Test
  void keysNeedAnEnd() {
    assertThatThrownBy(() -> changes(Optional.empty(), false, "v"))
        .hasMessage(
            "Needs an end: every key of [k] would be kept for ever. Write forget: 1d, or unbounded:"
                + " true if that is meant");
    assertThatThrownBy(() -> changes(HOUR, true, "v"))
        .hasMessage("Cannot be unbounded and forget a key after 1h. Leave out one of them");
    assertThatThrownBy(() -> changes(Optional.of(Duration.ZERO), false, "v"))
        .hasMessage("Expected forget to be longer than 0s, found 0s");
    assertThatThrownBy(() -> plan(top(Optional.empty(), "v")))
        .hasMessage(
            "Needs an end: no row would ever be the last to come. Write every: 10m, add t to by,"
                + " or unbounded: true for a result that changes");
  }

  @Test
  void columnsHaveToBeThere() {
    assertThatThrownBy(() -> changes(HOUR, false)).hasMessage("Missing of. Write of: [status]");
    assertThatThrownBy(() -> plan(changes(HOUR, false, "w")))
        .hasMessage("Unknown column w in of. There are [k, t, v, m]");
    assertThatThrownBy(() -> plan(top(HOUR, "w desc")))
        .hasMessageStartingWith(
            "Expected a column, or a column and desc, found w desc. There are [k, t, v, m");
    assertThatThrownBy(() -> plan(top(HOUR, "m")))
        .hasMessageContaining("Cannot order by m: it is a map");
    assertThatThrownBy(() -> plan(changes(HOUR, false, "m")))
        .hasMessage("Cannot compare m: it is a map<void,void>. Name its entries in a step above");
    assertThatThrownBy(
            () ->
                plan(
                    new SequenceStep(
                        new SequenceStep.Settings(
                            List.of("v"), "k", Optional.empty(), HOUR, false))))
        .hasMessage("Expected number to be a column of whole numbers, found k of type string");
    assertThatThrownBy(
            () ->
                plan(
                    new PatternStep(
                        pattern(Optional.empty(), Pattern.Until.MATCH, Map.of("x", "two.v")))))
        .hasMessage(
            "Expected a part and a column of it, such as one.some_column, found two.v. There are"
                + " the parts one");
  }

  @Test
  void rowsNeedAWatermark() {
    Planned.Input plain = Tables.table("rows", "select 'a' as k, 1L as v");
    assertThatThrownBy(() -> changes(HOUR, false, "v").plan(List.of(plain)))
        .hasMessageStartingWith(
            "Needs a watermark above, by whose time rows are put in order. Add watermark:");
  }

  @Test
  void aggregatesAreThoseThatCanBeKept() {
    assertThatThrownBy(() -> plan(running("v + 1")))
        .hasMessage("Expected an aggregate such as count(1) or sum(price), found v + 1");
    assertThatThrownBy(() -> plan(running("sum(distinct v)")))
        .hasMessage(
            "Cannot keep sum(DISTINCT v) row by row. Write count(distinct …) for a count of"
                + " distinct values, and array functions over collect_set(…) for others");
    assertThatThrownBy(() -> plan(running("reservoir(v, v)")))
        .hasMessage(
            "Expected reservoir(value, n), reservoir(value, n, identity) or reservoir(value, n,"
                + " identity, seed), where n is from 1 to 100000 and seed is a whole number, found"
                + " reservoir(v, v)");
    assertThatThrownBy(() -> plan(running("sum(v) + rand()")))
        .hasMessageContaining("it is not the same when computed again");
    assertThatThrownBy(() -> plan(running("sum(w)"))).hasMessageContaining("UNRESOLVED_COLUMN");
  }

  @Test
  void patternsSayWhatTheyWaitFor() {
    assertThatThrownBy(() -> pattern(Optional.empty(), Pattern.Until.END, Map.of()))
        .hasMessage(
            "Cannot wait until the end of within for nothing. Write without, or leave out until");
    assertThatThrownBy(() -> new PatternStep.Part("One", "v = 1", 1))
        .hasMessage("Expected name to be of small letters, digits and _, found One");
    assertThatThrownBy(() -> new PatternStep.Part("one", "v = 1", 0))
        .hasMessage("Expected times to be 1 or more, found 0");
  }

  private static WindowStep.Settings window(
      String time,
      Optional<Duration> every,
      Optional<Duration> session,
      Optional<Duration> longest,
      Optional<Long> rows,
      Optional<WindowStep.Trigger> trigger) {
    return new WindowStep.Settings(
        time,
        every,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        session,
        longest,
        false,
        rows,
        Optional.empty(),
        trigger,
        Optional.empty(),
        List.of("k"),
        Map.of("n", "count(1)"));
  }

  private static Optional<WindowStep.Trigger> late(Firing.Panes panes) {
    return Optional.of(new WindowStep.Trigger(Optional.empty(), Optional.empty(), HOUR, panes));
  }

  @Test
  void windowsOfRowsAndTriggersFit() {
    Optional<Duration> none = Optional.empty();
    assertThatThrownBy(() -> window("t", none, none, none, Optional.of(9L), Optional.empty()))
        .hasMessageStartingWith("Needs an end: a window of a key without rows would stay open");
    assertThatThrownBy(() -> window("t", HOUR, none, HOUR, Optional.empty(), Optional.empty()))
        .hasMessageStartingWith("Cannot give a longest length to windows of every");
    Optional<WindowStep.Trigger> late = late(Firing.Panes.DISCARD);
    assertThatThrownBy(() -> window("ingested", HOUR, none, none, Optional.empty(), late))
        .hasMessage("Cannot use time: ingested with trigger. Name the column with the watermark");
    assertThatThrownBy(() -> window("t", none, none, HOUR, Optional.of(9L), late))
        .hasMessage(
            "Cannot fire windows of rows early by time or late: where one ends and the next begins,"
                + " the order of rows tells. Write trigger: {rows: 1}");
    assertThatThrownBy(() -> window("t", none, HOUR, HOUR, Optional.empty(), late))
        .hasMessage(
            "Cannot fire sessions with longest early by time or late: where one ends and the next"
                + " begins, the order of rows tells. Write trigger: {rows: 1}, or leave out"
                + " longest");
    assertThatThrownBy(
            () -> window("t", none, HOUR, none, Optional.empty(), late(Firing.Panes.ACCUMULATE)))
        .hasMessage(
            "Cannot accumulate sessions that fire early by time or late: a row between two makes"
                + " one of them, whose result would leave that of the other standing. Write panes:"
                + " retract, which takes both back, or panes: discard");
    assertThatThrownBy(
            () -> new WindowStep.Trigger(Optional.empty(), none, none, Firing.Panes.ACCUMULATE))
        .hasMessageStartingWith("Needs one of rows, early and late.");
    assertThatThrownBy(
            () ->
                plan(
                    new WindowStep(
                        window("v", none, HOUR, HOUR, Optional.empty(), Optional.empty()))))
        .hasMessage("Expected time to be the column with the watermark, t, found v");
  }

  @Test
  void classesHaveToBeProcessors() {
    assertThatThrownBy(() -> stateful("java.lang.String", Map.of()))
        .hasMessage(
            "Expected a class that extends org.apache.spark.sql.streaming.StatefulProcessor, found"
                + " java.lang.String");
    assertThatThrownBy(() -> stateful("a.Missing", Map.of()))
        .hasMessage("Unknown class a.Missing. Put its jar on the class path of the job");
    assertThatThrownBy(() -> plan(new StatefulStep(stateful(Silence.class.getName(), Map.of()))))
        .hasMessageStartingWith("Cannot run over a table: its timers go by the watermark");
    assertThatThrownBy(() -> new Silence().configure(Map.of("time", "t")))
        .hasMessageStartingWith("Needs the settings time, a column, and seconds, a whole number");
  }

  private static StatefulStep.Settings stateful(String name, Map<String, String> settings) {
    return new StatefulStep.Settings(
        name, List.of("k"), "k string, at timestamp", Optional.of("at"), settings, false);
  }
}
