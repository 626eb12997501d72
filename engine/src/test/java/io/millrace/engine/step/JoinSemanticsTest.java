package io.millrace.engine.step;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.run.SparkDefaults;
import io.millrace.engine.spi.Planned;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/**
 * What joins of each type make of rows in whatever order they come, at a bound, late, repeated or
 * without a key or a time: a key is a case, and all types run side by side in one query. A right
 * row is near that lies up to 5 s before the left one or up to 10 s after it.
 */
class JoinSemanticsTest {
  /**
   * Keys, and the seconds of 1970 of left and right rows in the order of their batches, in front of
   * which the watermark stands at: 1970 (left, then right), 100 (left) and 101 (right).
   */
  private static final String CASES =
      """
      left_first   | 99      |         |      | 104
      right_first  |         | 99      | 101  |
      left_waits   | 96      |         |      | 106
      at_bounds    |         |         | 110  | 104 105 120 121
      no_right     | 91      |         | 201  |
      no_left      |         | 92      |      | 202
      too_far      | 90      | 84 101  |      |
      repeated     | 98 98   | 99 99   |      | 102
      left_late    |         | 98      | 97   |
      right_late   | 98      |         |      | 97
      both_late    |         |         | 50   | 50
      at_mark      |         |         | 100  | 101
      negative     | -3      | -2      |      |
      null         | 95      | 96      | 102  | 103
      no_time      | none    | 97      | 105  | none
      clock        | 100     | 100     | 300  | 300
      """;

  /** Times of left and right rows, a dash for none. */
  private static final String RESULTS =
      """
      INNER | at_bounds   | 110:105, 110:120
      INNER | left_first  | 99:104
      INNER | left_waits  | 96:106
      INNER | repeated    | 98:102, 98:102, 98:99, 98:99, 98:99, 98:99
      INNER | right_first | 101:99
      LEFT  | at_bounds   | 110:105, 110:120
      LEFT  | left_first  | 99:104
      LEFT  | left_waits  | 96:106
      LEFT  | no_right    | 201:-, 91:-
      LEFT  | no_time     | -:-, 105:-
      LEFT  | null        | 102:-, 95:-
      LEFT  | repeated    | 98:102, 98:102, 98:99, 98:99, 98:99, 98:99
      LEFT  | right_first | 101:99
      LEFT  | right_late  | 98:-
      LEFT  | too_far     | 90:-
      RIGHT | at_bounds   | -:104, -:121, 110:105, 110:120
      RIGHT | left_first  | 99:104
      RIGHT | left_late   | -:98
      RIGHT | left_waits  | 96:106
      RIGHT | no_left     | -:202, -:92
      RIGHT | no_time     | -:-, -:97
      RIGHT | null        | -:103, -:96
      RIGHT | repeated    | 98:102, 98:102, 98:99, 98:99, 98:99, 98:99
      RIGHT | right_first | 101:99
      RIGHT | too_far     | -:101, -:84
      FULL  | at_bounds   | -:104, -:121, 110:105, 110:120
      FULL  | left_first  | 99:104
      FULL  | left_late   | -:98
      FULL  | left_waits  | 96:106
      FULL  | no_left     | -:202, -:92
      FULL  | no_right    | 201:-, 91:-
      FULL  | no_time     | -:-, -:-, -:97, 105:-
      FULL  | null        | -:103, -:96, 102:-, 95:-
      FULL  | repeated    | 98:102, 98:102, 98:99, 98:99, 98:99, 98:99
      FULL  | right_first | 101:99
      FULL  | right_late  | 98:-
      FULL  | too_far     | -:101, -:84, 90:-
      SEMI  | at_bounds   | 110:
      SEMI  | left_first  | 99:
      SEMI  | left_waits  | 96:
      SEMI  | repeated    | 98:, 98:
      SEMI  | right_first | 101:
      """;

  /**
   * What tables give of cases in which rows of a stream are late, as those before 1970 always are:
   * nothing is late in a table, so these have partners. All other cases are as over streams.
   */
  private static final String OVER_TABLES =
      """
      INNER | at_mark     | 100:101
      INNER | both_late   | 50:50
      INNER | left_late   | 97:98
      INNER | negative    | -3:-2
      INNER | right_late  | 98:97
      LEFT  | at_mark     | 100:101
      LEFT  | both_late   | 50:50
      LEFT  | left_late   | 97:98
      LEFT  | negative    | -3:-2
      LEFT  | right_late  | 98:97
      RIGHT | at_mark     | 100:101
      RIGHT | both_late   | 50:50
      RIGHT | left_late   | 97:98
      RIGHT | negative    | -3:-2
      RIGHT | right_late  | 98:97
      FULL  | at_mark     | 100:101
      FULL  | both_late   | 50:50
      FULL  | left_late   | 97:98
      FULL  | negative    | -3:-2
      FULL  | right_late  | 98:97
      SEMI  | at_mark     | 100:
      SEMI  | both_late   | 50:
      SEMI  | left_late   | 97:
      SEMI  | negative    | -3:
      SEMI  | right_late  | 98:
      """;

  private static Dataset<Row> results(List<Planned.Input> sides) {
    return Stream.of(JoinStep.Type.values())
        .map(
            type -> {
              JoinStep join =
                  new JoinStep(
                      new JoinStep.Settings(
                          "l",
                          "r",
                          List.of("k"),
                          Optional.of(Duration.ofSeconds(10)),
                          Optional.of(Duration.ofSeconds(5)),
                          type,
                          Optional.empty(),
                          Optional.empty(),
                          false));
              String right =
                  type == JoinStep.Type.SEMI
                      ? "''"
                      : "coalesce(string(unix_seconds(right_at)), '-')";
              return Tables.run(join, sides.toArray(Planned.Input[]::new))
                  .selectExpr(
                      "'%s' as kind".formatted(type),
                      "coalesce(k, 'null') as case",
                      "concat(coalesce(string(unix_seconds(left_at)), '-'), ':', %s) as result"
                          .formatted(right));
            })
        .reduce(Dataset::union)
        .orElseThrow();
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

  private static List<String> table(Dataset<Row> results) {
    Map<String, List<String>> cells = new LinkedHashMap<>();
    for (Row row : results.where("case <> 'clock'").collectAsList()) {
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
  void holdsOverStreams() throws Exception {
    String reuse = "spark.sql.exchange.reuse";
    Tables.spark().conf().set(reuse, SparkDefaults.of(2).get(reuse));
    try (TwoStreams streams =
        TwoStreams.over(
            "joins",
            new TwoStreams.Side("l", "left_at"),
            new TwoStreams.Side("r", "right_at"),
            JoinSemanticsTest::results)) {
      streams.left(batch(1));
      streams.right(batch(2));
      streams.left(batch(3));
      assertThat(streams.where("kind = 'FULL' and result like '%-%'", "case", "result"))
          .as("what has no partner while the other side, which is still at 100, is idle")
          .containsExactly(
              "[no_left,-:92]",
              "[no_time,-:-]",
              "[null,-:96]",
              "[null,102:-]",
              "[null,95:-]",
              "[too_far,-:84]",
              "[too_far,90:-]");
      streams.right(batch(4));
      streams.left("clock 900");
      streams.right("clock 900");
      assertThat(table(Tables.spark().table("joins"))).containsExactlyElementsOf(written(RESULTS));
    } finally {
      Tables.spark().conf().unset(reuse);
    }
  }

  @Test
  void holdsOverTables() {
    List<String> late = written(OVER_TABLES);
    Set<String> different = late.stream().map(JoinSemanticsTest::name).collect(Collectors.toSet());
    List<String> expected =
        Stream.concat(
                written(RESULTS).stream().filter(line -> !different.contains(name(line))),
                late.stream())
            .sorted()
            .toList();
    assertThat(table(results(List.of(side("l", "left_at", 1, 3), side("r", "right_at", 2, 4)))))
        .containsExactlyElementsOf(expected);
  }

  private static String name(String line) {
    return line.split("\\|", -1)[1].strip();
  }

  /** All rows of a side as a table. */
  private static Planned.Input side(String name, String time, int first, int second) {
    String rows =
        Stream.concat(Stream.of(batch(first)), Stream.of(batch(second)))
            .map(row -> row.split(" "))
            .map(row -> "('%s', %s)".formatted(row[0], row[1].equals("none") ? "null" : row[1]))
            .collect(Collectors.joining(", "));
    Planned.Input plain =
        Tables.table(
            name,
            "select nullif(k, 'null') as k, timestamp_seconds(s) as %s from values %s as v(k, s)"
                .formatted(time, rows));
    return new Planned.Input(name, Tables.analysed(Tables.run(TwoStreams.watermark(time), plain)));
  }
}
