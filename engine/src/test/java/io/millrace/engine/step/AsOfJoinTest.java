package io.millrace.engine.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Planned;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Rows of one stream with the version of their key that another one had at their time. */
class AsOfJoinTest {
  private static final TwoStreams.Side ROWS = new TwoStreams.Side("rows", "t");
  private static final TwoStreams.Side VERSIONS = new TwoStreams.Side("versions", "since");
  private static final String[] COLUMNS = {"k", "unix_seconds(t)", "unix_seconds(since)"};

  private static JoinStep join(
      JoinStep.Type type, List<String> order, String deleteWhen, Optional<Duration> keep) {
    return new JoinStep(
        settings(
            type,
            Optional.empty(),
            new JoinStep.AsOf(order, Optional.of(deleteWhen).filter(text -> !text.isEmpty()), keep),
            keep.isEmpty()));
  }

  private static JoinStep.Settings settings(
      JoinStep.Type type, Optional<Duration> after, JoinStep.AsOf asOf, boolean unbounded) {
    return new JoinStep.Settings(
        "rows",
        "versions",
        List.of("k"),
        after,
        Optional.empty(),
        type,
        Optional.empty(),
        Optional.of(asOf),
        unbounded);
  }

  private static JoinStep left() {
    return join(JoinStep.Type.LEFT, List.of(), "", Optional.empty());
  }

  @Test
  void aRowMeetsTheVersionOfItsTimeWhicheverCameFirst() throws Exception {
    try (TwoStreams stream = TwoStreams.of("as_of", ROWS, VERSIONS, left())) {
      stream.left("a 20", "a 9", "a 10", "null 10", "b 20");
      assertThat(stream.rows(COLUMNS)).as("both wait for the watermark").isEmpty();
      stream.right("a 15", "null 5", "a 10", "z 20");
      assertThat(stream.rows(COLUMNS))
          .containsExactly("[a,10,10]", "[a,20,15]", "[a,9,null]", "[b,20,null]", "[null,10,null]");

      // The last version is met though it is long ago.
      stream.left("a 5000");
      stream.right("z 5000");
      assertThat(stream.rows(COLUMNS)).contains("[a,5000,15]");
      assertThat(stream.columns()).containsExactly("k", "t", "since");
    }
  }

  @Test
  void aVersionIsForgottenWhereThatIsAskedFor() throws Exception {
    JoinStep step = join(JoinStep.Type.INNER, List.of(), "", Optional.of(Duration.ofSeconds(30)));
    try (TwoStreams stream = TwoStreams.of("as_of_keep", ROWS, VERSIONS, step)) {
      stream.left("a 10", "a 40", "a 41", "b 40");
      stream.right("a 10", "z 100");
      stream.left("z 100", "a 100");
      stream.right("z 200");
      stream.left("z 200");
      assertThat(stream.rows(COLUMNS))
          .containsExactly("[a,10,10]", "[a,40,10]", "[z,100,100]", "[z,200,200]");
    }
  }

  @Test
  void givesTheSameAsAWholeTableWhateverTheBatches() throws Exception {
    Random random = new Random(5);
    List<String> rows = new ArrayList<>();
    List<String> versions = new ArrayList<>();
    for (int second = 1; second <= 60; second++) {
      rows.add("abc".charAt(random.nextInt(3)) + " " + second);
      versions.add("abc".charAt(random.nextInt(3)) + " " + second);
    }
    List<String> whole =
        Tables.rows(
            Tables.run(left(), table("rows", "t", rows), table("versions", "since", versions))
                .selectExpr(COLUMNS));
    try (TwoStreams stream = TwoStreams.of("as_of_random", ROWS, VERSIONS, left())) {
      for (int from = 0; from < 60; from += 20) {
        List<String> some = new ArrayList<>(versions.subList(from, from + 20));
        Collections.shuffle(some, random);
        List<String> others = new ArrayList<>(rows.subList(from, from + 20));
        Collections.shuffle(others, random);
        if (random.nextBoolean()) {
          stream.right(some.toArray(String[]::new));
          stream.left(others.toArray(String[]::new));
        } else {
          stream.left(others.toArray(String[]::new));
          stream.right(some.toArray(String[]::new));
        }
      }
      stream.left("z 900");
      stream.right("z 900");
      List<String> told = new ArrayList<>(stream.rows(COLUMNS));
      told.remove("[z,900,900]");
      assertThat(told).hasSize(60).containsExactlyElementsOf(whole);
    }
    for (String row : rows) {
      String key = row.substring(0, 1);
      int second = Integer.parseInt(row.substring(2));
      String since =
          versions.stream()
              .filter(version -> version.startsWith(key))
              .map(version -> Integer.valueOf(version.substring(2)))
              .filter(begin -> begin <= second)
              .max(Integer::compare)
              .map(begin -> "" + begin)
              .orElse("null");
      assertThat(whole).contains("[" + key + "," + second + "," + since + "]");
    }
  }

  private static Planned.Input table(String name, String time, List<String> rows) {
    String values =
        rows.stream()
            .map(row -> row.split(" "))
            .map(part -> "('" + part[0] + "', " + part[1] + ")")
            .collect(Collectors.joining(", "));
    return timed(
        name,
        time,
        "select k, timestamp_seconds(s) as %s from values %s as v(k, s)".formatted(time, values));
  }

  private static Planned.Input timed(String name, String time, String sql) {
    return new Planned.Input(
        name, Tables.analysed(Tables.run(TwoStreams.watermark(time), Tables.table(name, sql))));
  }

  @Test
  void ofVersionsOfOneMomentTheNewerCountsAndADeleteEndsThem() {
    Planned.Input rows =
        timed(
            "rows",
            "t",
            "select k, timestamp_seconds(s) as t from values ('a', 10), ('a', 20), ('a', 30) as"
                + " v(k, s)");
    Planned.Input versions =
        timed(
            "versions",
            "since",
            "select k, timestamp_seconds(s) as since, n, op, named_struct('offset', o) as _source"
                + " from values ('a', 10, 2, 'u', 1), ('a', 10, 1, 'u', 2), ('a', 20, 3, 'd', 3),"
                + " ('a', 30, 4, 'u', 9L), ('a', 30, 4, 'd', 4) as v(k, s, n, op, o)");

    assertThat(
            Tables.rows(
                Tables.run(
                        join(JoinStep.Type.LEFT, List.of("n"), "op = 'd'", Optional.empty()),
                        rows,
                        versions)
                    .selectExpr("unix_seconds(t)", "n", "op")))
        .containsExactly("[10,2,u]", "[20,null,null]", "[30,4,u]");
    assertThat(
            Tables.rows(
                Tables.run(
                        join(JoinStep.Type.INNER, List.of(), "op = 'd'", Optional.empty()),
                        rows,
                        versions)
                    .selectExpr("unix_seconds(t)", "n")))
        .as("without order-by the later offset counts")
        .containsExactly("[10,1]", "[30,4]");
  }

  @Test
  void saysWhatDoesNotFit() {
    JoinStep.AsOf forEver = new JoinStep.AsOf(List.of(), Optional.empty(), Optional.empty());
    JoinStep.AsOf aDay =
        new JoinStep.AsOf(List.of(), Optional.empty(), Optional.of(Duration.ofDays(1)));
    Optional<Duration> none = Optional.empty();
    assertThatThrownBy(() -> settings(JoinStep.Type.LEFT, none, forEver, false))
        .hasMessage(
            "Needs an end: the last version of every key would be kept for ever. Write as-of:"
                + " {keep: 30d}, or unbounded: true if that is meant");
    assertThatThrownBy(() -> settings(JoinStep.Type.LEFT, none, aDay, true))
        .hasMessageStartingWith("Cannot be unbounded and forget a version after 1d.");
    assertThatThrownBy(() -> settings(JoinStep.Type.FULL, none, aDay, false))
        .hasMessage(
            "Cannot join versions with type: full. Write inner, or left to keep rows without a"
                + " version");
    assertThatThrownBy(
            () -> settings(JoinStep.Type.LEFT, Optional.of(Duration.ofDays(1)), aDay, false))
        .hasMessageStartingWith("Cannot take as-of and after or before together:");

    Planned.Input rows = timed("rows", "t", "select 'a' as k, timestamp_seconds(1) as t, 1 as n");
    Planned.Input versions =
        timed("versions", "since", "select 'a' as k, timestamp_seconds(1) as since, map() as m");
    assertThatThrownBy(
            () ->
                Tables.run(
                    join(JoinStep.Type.LEFT, List.of("m"), "", Optional.empty()), rows, versions))
        .hasMessageStartingWith("Cannot order by m: it is a map");
    assertThatThrownBy(
            () ->
                Tables.run(
                    join(JoinStep.Type.LEFT, List.of(), "n = 1", Optional.empty()), rows, versions))
        .hasMessage(
            "Expected a condition on the columns of versions, found n = 1. There are [k, since,"
                + " m]");
    assertThatThrownBy(
            () -> Tables.run(left(), rows, Tables.table("versions", "select 'a' as k, 1 as since")))
        .hasMessageStartingWith("Needs a watermark on versions, by which it waits");
    assertThatThrownBy(
            () ->
                Tables.run(
                    left(),
                    rows,
                    timed("versions", "since", "select 1 as k, timestamp_seconds(1) as since")))
        .hasMessage(
            "Cannot compare k: it is STRING in rows and INT in versions. Cast one of them in a"
                + " step above");
  }
}
