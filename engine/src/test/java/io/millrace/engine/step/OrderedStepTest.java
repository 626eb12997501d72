package io.millrace.engine.step;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.fold.Changes;
import io.millrace.engine.fold.Pattern;
import io.millrace.engine.spi.Planned;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.classic.Dataset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What comes of rows does not depend on the batches in which they come, nor on their order. */
class OrderedStepTest {
  private static final int DELAY = 20;

  private static Optional<Duration> seconds(int seconds) {
    return Optional.of(Duration.ofSeconds(seconds));
  }

  static Stream<Planned> steps() {
    return Stream.of(
        new ChangesStep(
            new ChangesStep.Settings(
                List.of("k"), List.of("v"), Changes.First.DROP, seconds(7), false)),
        new SequenceStep(
            new SequenceStep.Settings(List.of("k"), "n", Optional.of(1L), seconds(9), false)),
        new PatternStep(
            new PatternStep.Settings(
                List.of("k"),
                List.of(
                    new PatternStep.Part("one", "n = 1", 1),
                    new PatternStep.Part("more", "n in (2, 3)", 2)),
                Duration.ofSeconds(12),
                Optional.of("n = 5"),
                Pattern.Until.MATCH,
                true,
                Map.of("last", "more.v"))),
        new PatternStep(
            new PatternStep.Settings(
                List.of(),
                List.of(new PatternStep.Part("one", "n = 1", 1)),
                Duration.ofSeconds(3),
                Optional.of("n = 2"),
                Pattern.Until.END,
                false,
                Map.of("who", "one.k"))),
        new RunningStep(
            new RunningStep.Settings(
                List.of("k"),
                Map.of(
                    "total", "sum(n) * 2",
                    "mean", "avg(n) filter (where n between 1 and 4)",
                    "seen", "array_sort(collect_set(v))",
                    "about", "approx_count_distinct(n)",
                    "different", "count(distinct v)",
                    "sample", "reservoir(v, 3)",
                    "least", "min(nvl(v, ''))",
                    "theta", "theta_sketch_estimate(theta_sketch_agg(n))"),
                Optional.empty(),
                true)),
        top(2, false, "n desc", "v"),
        top(2, true, "n desc"));
  }

  private static TopStep top(int rows, boolean ties, String... order) {
    return new TopStep(
        new TopStep.Settings(
            rows, List.of(order), List.of("k"), seconds(10), false, List.of(), ties));
  }

  @ParameterizedTest
  @MethodSource("steps")
  void givesTheSameWhateverTheBatches(Planned step) throws Exception {
    List<String> rows = rows(new Random(4));
    List<String> whole = table(step, rows);
    List<String> late = new ArrayList<>(rows);
    // No row is later than the watermark allows.
    for (int from = 0; from < late.size(); from += 12) {
      Collections.shuffle(late.subList(from, Math.min(from + 12, late.size())), new Random(from));
    }
    try (Streams stream = Streams.of("ordered", "append", WindowStepTest.watermark(DELAY), step)) {
      for (int from = 0; from < late.size(); from += 30) {
        stream.add(late.subList(from, Math.min(from + 30, late.size())).toArray(String[]::new));
      }
      stream.add("z 900");
      assertThat(stream.rows("to_json(struct(*))")).isNotEmpty().containsExactlyElementsOf(whole);
    }
  }

  @Test
  void rowsThatTheOrderDoesNotTellApartHaveOneRank() {
    List<String> rows = List.of("a 1 5", "a 2 4", "a 3 4", "a 4 3", "a 5 4", "a 6 5", "b 1 1");

    assertThat(ranks(top(3, true, "n desc"), rows))
        .containsExactlyInAnyOrder(
            "[a 1 5 1]", "[a 6 5 1]", "[a 2 4 3]", "[a 3 4 3]", "[a 5 4 3]", "[b 1 1 1]");
    assertThat(ranks(top(2, true, "n desc"), rows))
        .containsExactlyInAnyOrder("[a 1 5 1]", "[a 6 5 1]", "[b 1 1 1]");
    assertThat(ranks(top(3, false, "n desc", "t"), rows))
        .containsExactlyInAnyOrder("[a 1 5 1]", "[a 6 5 2]", "[a 2 4 3]", "[b 1 1 1]");
  }

  private static List<String> ranks(Planned step, List<String> rows) {
    return table(step, rows, "concat_ws(' ', k, unix_seconds(t), v, rank)");
  }

  /** Rows in the order of time, about two a second. */
  private static List<String> rows(Random random) {
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < 120; i++) {
      char key = (char) ('a' + random.nextInt(3));
      rows.add(key + " " + (1 + i / 2) + " " + random.nextInt(6));
    }
    return rows;
  }

  private static List<String> table(Planned step, List<String> rows) {
    return table(step, rows, "to_json(struct(*))");
  }

  private static List<String> table(Planned step, List<String> rows, String shown) {
    String values =
        rows.stream()
            .map(row -> row.split(" "))
            .map(part -> "('%s', %s, '%s')".formatted(part[0], part[1], part[2]))
            .collect(Collectors.joining(", "));
    Planned.Input input =
        Tables.table(
            "rows",
            "select k, timestamp_seconds(s) as t, v, cast(v as bigint) as n, named_struct('offset',"
                + " 1L) as _source from values "
                + values
                + " as v(k, s, v)");
    var marked = Tables.analysed(Tables.run(WindowStepTest.watermark(DELAY), input));
    return Tables.rows(
        Dataset.ofRows(Tables.spark(), step.plan(List.of(new Planned.Input("rows", marked))))
            .selectExpr(shown));
  }
}
