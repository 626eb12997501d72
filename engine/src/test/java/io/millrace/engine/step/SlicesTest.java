package io.millrace.engine.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.fold.Firing;
import io.millrace.engine.spi.Planned;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.MapPartitions;
import org.apache.spark.sql.execution.streaming.runtime.MemoryStream;
import org.apache.spark.sql.execution.streaming.runtime.MemoryStream$;
import org.apache.spark.sql.streaming.Trigger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.jdk.javaapi.CollectionConverters;

class SlicesTest {
  /** Of each sort of aggregate that Spark has some. */
  static final Map<String, String> AGGREGATES = aggregates();

  private static Map<String, String> aggregates() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("n", "count(1)");
    all.put("present", "count(v)");
    all.put("total", "sum(v)");
    all.put("dear", "sum(v * 2) filter (where v > 50)");
    all.put("never", "sum(v) filter (where v > 1000)");
    all.put("money", "sum(price)");
    all.put("mean", "avg(v)");
    all.put("price_mean", "avg(price)");
    all.put("least", "min(word)");
    all.put("most", "max(word)");
    all.put("spread", "max(v) - min(v) + count(1)");
    all.put("any_big", "bool_or(v > 99)");
    all.put("all_small", "every(v < 99)");
    all.put("last_word", "max_by(word, struct(v, word))");
    all.put("bits", "bit_xor(v)");
    all.put("about", "approx_count_distinct(word)");
    all.put("hll", "hll_sketch_estimate(hll_sketch_agg(word))");
    all.put("theta", "theta_sketch_estimate(theta_sketch_agg(word))");
    all.put("words", "array_sort(collect_set(word))");
    all.put("different", "count(distinct word)");
    all.put("sample", "reservoir(word, 3)");
    all.put("half", "percentile(v, 0.5)");
    all.put("grid", "hex(count_min_sketch(v, 0.1d, 0.9d, 7))");
    all.put("often", "mode(word, true)");
    all.put("if_big", "count_if(v > 50)");
    return all;
  }

  private static WindowStep window(
      int every,
      int size,
      int cumulate,
      int offset,
      Optional<Boolean> slices,
      Map<String, String> aggregates) {
    return window(every, size, cumulate, offset, Optional.empty(), slices, aggregates);
  }

  private static WindowStep window(
      int every,
      int size,
      int cumulate,
      int offset,
      Optional<WindowStep.Trigger> trigger,
      Optional<Boolean> slices,
      Map<String, String> aggregates) {
    return new WindowStep(
        new WindowStep.Settings(
            "t",
            seconds(every),
            seconds(size),
            seconds(cumulate),
            seconds(offset),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            false,
            Optional.empty(),
            Optional.empty(),
            trigger,
            slices,
            List.of("k"),
            aggregates));
  }

  private static Optional<Duration> seconds(int seconds) {
    return seconds == 0 ? Optional.empty() : Optional.of(Duration.ofSeconds(seconds));
  }

  static Planned.Input rows() {
    return Tables.table(
        "rows",
        "select nullif(concat('k', id % 3), 'k2') as k,"
            + " if(id % 41 = 0, null, timestamp_millis((id * 7919) % 200000 - 60000)) as t,"
            + " if(id % 7 = 0, null, id % 101) as v,"
            + " if(id % 11 = 0, null, cast(id % 977 as decimal(10, 2)) / 4) as price,"
            + " if(id % 13 = 0, null, concat('w', id % 50)) as word from range(3000)");
  }

  private static boolean sliced(LogicalPlan plan) {
    return plan instanceof MapPartitions
        || Catalyst.list(plan.children()).stream().anyMatch(SlicesTest::sliced);
  }

  private static Dataset<Row> run(WindowStep step) {
    Dataset<Row> rows = Tables.run(step, rows());
    assertThat(sliced(Tables.analysed(rows)))
        .isEqualTo(step.settings().slices().equals(Optional.of(true)));
    return rows;
  }

  private static List<String> results(WindowStep step) {
    return Tables.rows(run(step));
  }

  /** Column by column, so that a difference names its aggregate. */
  private static void same(int every, int size, int cumulate, int offset) {
    Dataset<Row> plain = run(window(every, size, cumulate, offset, Optional.of(false), AGGREGATES));
    Dataset<Row> cut = run(window(every, size, cumulate, offset, Optional.of(true), AGGREGATES));
    List<Row> expected = plain.orderBy("window_start", "window_end", "k").collectAsList();
    List<Row> found = cut.orderBy("window_start", "window_end", "k").collectAsList();
    assertThat(expected).hasSizeGreaterThan(20);
    assertThat(cut.columns()).isEqualTo(plain.columns());
    for (String column : plain.columns()) {
      int at = plain.schema().fieldIndex(column);
      assertThat(found.stream().map(row -> String.valueOf(row.get(at))).toList())
          .as(column)
          .isEqualTo(expected.stream().map(row -> String.valueOf(row.get(at))).toList());
    }
  }

  @Test
  void givesWhatHoppingWindowsGive() {
    same(7, 30, 0, 3);
  }

  @Test
  void givesWhatCumulatingWindowsGive() {
    same(60, 0, 20, 5);
  }

  @Test
  void addsUpToNothingWhereASumIsTooLarge() {
    Map<String, String> sum = Map.of("total", "try_sum(cast(9e37 as decimal(38, 0)))");
    List<String> plain = results(window(10, 60, 0, 0, Optional.of(false), sum));
    assertThat(plain).anyMatch(row -> row.contains("null]"));
    assertThat(results(window(10, 60, 0, 0, Optional.of(true), sum))).isEqualTo(plain);
  }

  @Test
  void leavesWindowsAsTheyAreWhereAggregatesCannotBeTakenApart() {
    Map<String, String> list = Map.of("values", "sum(distinct v)");
    WindowStep itself = window(10, 60, 0, 0, Optional.empty(), list);
    assertThat(sliced(Tables.analysed(Tables.run(itself, rows())))).isFalse();
    assertThatThrownBy(() -> Tables.run(window(10, 60, 0, 0, Optional.of(true), list), rows()))
        .hasMessageContaining("Cannot keep sum(DISTINCT v)");
  }

  @Test
  void cutsByItself() {
    WindowStep itself = window(10, 60, 0, 0, Optional.empty(), Map.of("n", "count(1)"));
    assertThat(sliced(Tables.analysed(Tables.run(itself, rows())))).isTrue();
  }

  /** The first rows of a task have a key each, all others the same one. */
  @Test
  void looksForNoKeysInCommonWhereTheFirstRowsHardlyHaveAny() {
    Planned.Input rows =
        Tables.table(
            "rows",
            "select least(id, 5000) as k, timestamp_millis(id % 9000) as t, id as v"
                + " from range(0, 20000, 1, 1)");
    Map<String, String> aggregates =
        Map.of("n", "count(1)", "total", "sum(v)", "about", "approx_count_distinct(v)");
    WindowStep cut = window(2, 10, 0, 0, Optional.of(true), aggregates);

    assertThat(Tables.rows(Tables.run(cut, rows)))
        .hasSizeGreaterThan(5_000)
        .isEqualTo(
            Tables.rows(Tables.run(window(2, 10, 0, 0, Optional.of(false), aggregates), rows)));
    LogicalPlan slices = cut.settings().sliced(rows.plan()).orElseThrow().rows();
    assertThat(org.apache.spark.sql.classic.Dataset.ofRows(Tables.spark(), slices).count())
        .isEqualTo(20_000);
  }

  @Test
  void refusesSlicesOfWindowsThatDoNotOverlap() {
    assertThatThrownBy(() -> window(10, 0, 0, 0, Optional.of(true), Map.of("n", "count(1)")))
        .hasMessage(
            "Cannot cut these windows into slices. Slices are for windows on the clock with size or"
                + " cumulate, or with a trigger that counts no rows. Leave out slices");
  }

  private static WindowStep fed(Optional<WindowStep.Trigger> trigger, boolean slices) {
    Map<String, String> aggregates = new LinkedHashMap<>();
    aggregates.put("n", "count(1)");
    aggregates.put("total", "sum(n) filter (where n > 1)");
    aggregates.put("words", "array_sort(collect_set(v))");
    aggregates.put("sample", "reservoir(v, 2)");
    return window(10, 40, 0, 0, trigger, Optional.of(slices), aggregates);
  }

  /** Rows that are late for some of their windows, for all, and out of order over batches. */
  private static List<String> streamed(String mode, WindowStep step) throws Exception {
    String table = "slices_" + step.settings().slices().orElseThrow() + "_" + mode;
    if (step.settings().trigger().isPresent()) {
      table += "_fired";
    }
    try (Streams rows = Streams.of(table, mode, WindowStepTest.watermark(3), step)) {
      SplittableRandom random = new SplittableRandom(7);
      for (int batch = 0; batch < 4; batch++) {
        List<String> added = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
          int second = Math.max(0, 100 + batch * 15 - random.nextInt(70));
          added.add("k" + random.nextInt(3) + " " + second + " " + random.nextInt(9));
        }
        rows.add(added.toArray(String[]::new));
      }
      return rows.add("end 900 1").rows("*");
    }
  }

  @Test
  void takesRowsThatAreLateForSomeOfTheirWindows() throws Exception {
    List<String> plain = streamed("append", fed(Optional.empty(), false));
    assertThat(plain).hasSizeGreaterThan(30);
    assertThat(streamed("append", fed(Optional.empty(), true))).isEqualTo(plain);
  }

  @Test
  void firesAsWindowsDo() throws Exception {
    Optional<WindowStep.Trigger> late =
        Optional.of(
            new WindowStep.Trigger(
                Optional.empty(), Optional.empty(), seconds(20), Firing.Panes.RETRACT));
    List<String> plain = streamed("append", fed(late, false));
    assertThat(plain).anyMatch(row -> row.contains("late") && row.contains("delete"));
    assertThat(streamed("append", fed(late, true))).isEqualTo(plain);
  }

  /**
   * The state of windows is the same with slices and without: a job may go from one to the other.
   */
  @Test
  void goesOnWithTheStateOfWindowsWithoutSlices(@TempDir Path plain, @TempDir Path cut)
      throws Exception {
    WindowStep without = fed(Optional.empty(), false);
    List<String> expected = restarted(plain, without, without);
    assertThat(expected).hasSizeGreaterThan(5);
    assertThat(restarted(cut, without, fed(Optional.empty(), true))).isEqualTo(expected);
  }

  private static List<String> restarted(Path checkpoint, WindowStep before, WindowStep behind)
      throws Exception {
    MemoryStream<String> memory = MemoryStream$.MODULE$.apply(Encoders.STRING(), Tables.spark());
    List<String> results = new ArrayList<>();
    run(memory, before, checkpoint, results, "a 1 5", "a 12 6", "b 35 7");
    run(memory, behind, checkpoint, results, "a 3 8", "a 38 5", "b 90 1");
    return results.stream().sorted().toList();
  }

  private static void run(
      MemoryStream<String> memory,
      WindowStep step,
      Path checkpoint,
      List<String> results,
      String... rows)
      throws Exception {
    memory.addData(CollectionConverters.asScala(List.of(rows)).toSeq());
    LogicalPlan plan =
        Tables.analysed(
            memory
                .toDF()
                .selectExpr(
                    "split(value, ' ')[0] as k",
                    "timestamp_seconds(cast(split(value, ' ')[1] as int)) as t",
                    "split(value, ' ')[2] as v",
                    "bigint(split(value, ' ')[2]) as n"));
    for (Planned each : List.of(WindowStepTest.watermark(3), step)) {
      plan = Tables.analysed(frame(each.plan(List.of(new Planned.Input("rows", plan)))));
    }
    frame(plan)
        .writeStream()
        .option("checkpointLocation", checkpoint.toString())
        .trigger(Trigger.AvailableNow())
        .foreachBatch(
            (VoidFunction2<Dataset<Row>, Long>)
                (batch, number) ->
                    batch.collectAsList().forEach(row -> results.add(row.toString())))
        .start()
        .awaitTermination();
  }

  private static Dataset<Row> frame(LogicalPlan plan) {
    return org.apache.spark.sql.classic.Dataset.ofRows(Tables.spark(), plan);
  }
}
