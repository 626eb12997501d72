package io.millrace.engine.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Planned;
import java.sql.Timestamp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** Steps that take rows as they come: what they say in the end depends on the rows alone. */
class ArrivingStepTest {
  private static ChangelogStep changelog() {
    return new ChangelogStep(
        new ChangelogStep.Settings(List.of("k"), List.of("t"), Optional.of("v = '0'"), true));
  }

  private static TopStep top(String... once) {
    return new TopStep(
        new TopStep.Settings(
            3, List.of("n desc", "t"), List.of("k"), Optional.empty(), true, List.of(once), false));
  }

  /** A key, a second, and a small number. */
  private record Given(String key, int second, int number) {
    String text() {
      return key + " " + second + " " + number;
    }
  }

  /** Rows in any order, some of them twice. */
  private static List<Given> rows() {
    Random random = new Random(7);
    List<Given> rows = new ArrayList<>();
    for (int i = 1; i <= 90; i++) {
      rows.add(new Given("abc".substring(i % 3, i % 3 + 1), i, random.nextInt(5)));
    }
    rows.addAll(rows.subList(20, 40));
    Collections.shuffle(rows, random);
    return rows;
  }

  private static List<Row> given(String name, Planned step, List<Given> rows) throws Exception {
    try (Streams stream = Streams.of(name, "append", step)) {
      for (int from = 0; from < rows.size(); from += 25) {
        stream.add(
            rows.subList(from, Math.min(from + 25, rows.size())).stream()
                .map(Given::text)
                .toArray(String[]::new));
      }
      return Tables.spark().table(name).collectAsList();
    }
  }

  @Test
  void whatWasInsertedLessWhatWasDeletedAreTheNewestRows() throws Exception {
    List<Given> rows = rows();
    Map<String, Given> newest = new TreeMap<>();
    rows.forEach(row -> newest.merge(row.key(), row, (a, b) -> a.second() < b.second() ? b : a));

    Map<String, Integer> left = new HashMap<>();
    for (Row change : given("changelog", changelog(), rows)) {
      boolean insert = change.<String>getAs("operation").equals("insert");
      String row = change.getAs("k") + " " + change.getAs("v") + " " + change.getAs("t");
      left.merge(row, insert ? 1 : -1, Integer::sum);
      assertThat(left.get(row)).as("never taken back before it was given").isBetween(0, 1);
    }
    left.values().removeIf(count -> count == 0);

    assertThat(left)
        .hasSameSizeAs(newest.values().stream().filter(row -> row.number() != 0).toList());
    newest.values().stream()
        .filter(row -> row.number() != 0)
        .forEach(
            row ->
                assertThat(left.keySet())
                    .anyMatch(each -> each.startsWith(row.key() + " " + row.number() + " ")));
  }

  @Test
  void aKeyThatIsGoneStaysGoneForWhatIsOlder() throws Exception {
    try (Streams stream = Streams.of("gone", "append", changelog())) {
      stream.add("a 10 1").add("a 20 0").add("a 15 2", "a 20 0");
      assertThat(stream.rows("v", "operation")).containsExactly("[1,delete]", "[1,insert]");
    }
  }

  @Test
  void leadersAreThoseOfASort() throws Exception {
    List<Given> rows = rows();
    List<Given> every = new ArrayList<>(rows);
    every.sort(
        Comparator.comparingInt((Given row) -> -row.number()).thenComparingInt(Given::second));
    Map<String, List<String>> wanted = new TreeMap<>();
    for (Given row : every) {
      List<String> best = wanted.computeIfAbsent(row.key(), key -> new ArrayList<>());
      if (best.size() < 3) {
        best.add(row.number() + " " + row.second());
      }
    }

    assertThat(ranks(given("leaders", top(), rows))).isEqualTo(wanted);
  }

  @Test
  void eachOfWhatIsToCountOnceHasOneRank() throws Exception {
    List<Given> rows = rows();
    Map<String, List<String>> ranks = ranks(given("leaders_once", top("v"), rows));

    ranks.forEach(
        (key, best) -> {
          List<Integer> numbers =
              rows.stream()
                  .filter(row -> row.key().equals(key))
                  .map(row -> -row.number())
                  .distinct()
                  .sorted()
                  .limit(3)
                  .map(number -> -number)
                  .toList();
          assertThat(best.stream().map(text -> Integer.valueOf(text.split(" ", -1)[0])))
              .containsExactlyElementsOf(numbers);
        });
    assertThat(ranks).hasSize(3);
  }

  /** What a table has in the end that honours the operations, in the order of their versions. */
  private static Map<String, List<String>> ranks(List<Row> changes) {
    Map<String, TreeMap<Integer, String>> table = new TreeMap<>();
    List<Row> ordered = new ArrayList<>(changes);
    ordered.sort(Comparator.comparingLong(row -> row.<Long>getAs("version")));
    for (Row change : ordered) {
      TreeMap<Integer, String> key =
          table.computeIfAbsent(change.getAs("k"), any -> new TreeMap<>());
      Timestamp time = change.getAs("t");
      String text = change.getAs("v") + " " + time.toInstant().getEpochSecond();
      Integer rank = change.getAs("rank");
      if (change.<String>getAs("operation").equals("insert")) {
        assertThat(key.put(rank, text)).isNull();
      } else {
        assertThat(key.remove(rank)).isEqualTo(text);
      }
    }
    Map<String, List<String>> ranks = new TreeMap<>();
    table.forEach((key, best) -> ranks.put(key, List.copyOf(best.values())));
    return ranks;
  }

  @Test
  void whatIsMissingIsSaid() {
    assertThatThrownBy(
            () -> new ChangelogStep.Settings(List.of("k"), List.of("t"), Optional.empty(), false))
        .hasMessageStartingWith("Needs to keep the newest row of every key of [k] for ever.");
    assertThatThrownBy(
            () -> new ChangelogStep.Settings(List.of("k"), List.of(), Optional.empty(), true))
        .hasMessageStartingWith("Missing order-by.");
    assertThatThrownBy(
            () ->
                new TopStep.Settings(
                    1, List.of("n"), List.of("k"), Optional.empty(), false, List.of("v"), false))
        .hasMessageStartingWith("Cannot count each of [v] once in a window.");
    assertThatThrownBy(
            () ->
                new TopStep.Settings(
                    1,
                    List.of("n"),
                    List.of("k"),
                    Optional.of(Duration.ofMinutes(1)),
                    true,
                    List.of(),
                    false))
        .hasMessageStartingWith("Cannot be unbounded in windows of 1m.");
    assertThatThrownBy(
            () ->
                new TopStep.Settings(
                    1, List.of("n"), List.of("k"), Optional.empty(), true, List.of(), true))
        .hasMessageStartingWith("Cannot be unbounded with ties: so many rows of a key may be kept");
  }
}
