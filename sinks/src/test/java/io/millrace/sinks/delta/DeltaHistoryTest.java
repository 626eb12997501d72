package io.millrace.sinks.delta;

import static io.millrace.sinks.delta.Given.MERGE;
import static io.millrace.sinks.delta.Given.UPSERT;
import static io.millrace.sinks.delta.Given.batch;
import static io.millrace.sinks.testing.Batches.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Identity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeltaHistoryTest {
  private static final String CHANGES =
      "keys: [id], order-by: [at], delete-when: op = 'd', columns: [id, at, v], history: ";
  private static final String[] VERSION = {
    "id", "v", "coalesce(valid_from, 0)", "coalesce(valid_to, 99)", "is_current"
  };

  private final Given given;

  DeltaHistoryTest(@TempDir Path folder) {
    this.given = new Given(folder);
  }

  private static String changes(String rows) {
    return "values " + rows + " t(id, at, v, op)";
  }

  @Test
  void keepsEveryVersionWithTheTimeInWhichItHeld() {
    Identity who = query();
    DeltaSink sink = given.sink(CHANGES + "{}");
    String first = changes("(1, 3, 'b', 'u'), (1, 1, 'a', 'u'), (2, 1, 'x', 'u')");
    sink.write(batch(who, MERGE, 0, first));
    assertThat(given.rows(VERSION))
        .containsExactly("1 a 1 3 false", "1 b 3 99 true", "2 x 1 99 true");

    // A late version, a delete, a delete of what is not there yet, and a row that says nothing new.
    String second = changes("(1, 2, 'c', 'u'), (2, 5, '', 'd'), (3, 9, '', 'd'), (1, 7, 'b', 'u')");
    sink.write(batch(who, MERGE, 1, second));
    List<String> then = List.of("1 a 1 2 false", "1 b 3 99 true", "1 c 2 3 false", "2 x 1 5 false");
    assertThat(given.rows(VERSION)).containsExactlyElementsOf(then);
    sink.write(batch(who, MERGE, 1, changes("(1, 8, 'again', 'u')")));
    assertThat(given.rows(VERSION)).containsExactlyElementsOf(then);

    sink.write(
        batch(who, MERGE, 2, changes("(3, 4, 'z', 'u'), (2, 6, 'y', 'u'), (1, 3, '', 'd')")));
    assertThat(given.rows(VERSION))
        .containsExactly(
            "1 a 1 2 false", "1 c 2 3 false", "2 x 1 5 false", "2 y 6 99 true", "3 z 4 9 false");
    assertThat(given.history().get(0).<String>getAs("userMetadata")).endsWith("batch=2");
  }

  /** However changes are cut into batches and mixed, the versions are the same. */
  @Test
  void agreesWithPlainJavaInWhateverOrderChangesCome() {
    Random random = new Random(11);
    DeltaSink sink =
        given.sink(CHANGES + "{from: since, to: until, current: now, unchanged: keep}");
    Identity who = query();
    Map<Integer, TreeMap<Integer, int[]>> events = new TreeMap<>();
    for (int batch = 0; batch < 2; batch++) {
      List<String> rows = new ArrayList<>();
      for (int row = 0; row < 24; row++) {
        int[] change = {
          random.nextInt(4), random.nextInt(30), random.nextInt(5), random.nextInt(4)
        };
        rows.add(
            "(%d, %d, %d, '%s')"
                .formatted(change[0], change[1], change[2], change[3] == 0 ? "d" : "u"));
        events
            .computeIfAbsent(change[0], key -> new TreeMap<>())
            .merge(change[1], change, DeltaHistoryTest::stronger);
      }
      sink.write(
          batch(who, MERGE, batch, changes(rows.stream().collect(Collectors.joining(", ")))));
    }

    List<String> expected = new ArrayList<>();
    events.forEach(
        (key, line) ->
            line.forEach(
                (at, change) -> {
                  Integer next = line.higherKey(at);
                  if (change[3] != 0) {
                    expected.add(
                        key + " " + change[2] + " " + at + " " + next + " " + (next == null));
                  }
                }));
    assertThat(given.rows("id", "v", "since", "until", "now"))
        .containsExactlyInAnyOrderElementsOf(expected);
  }

  private static int[] stronger(int[] one, int[] other) {
    if ((one[3] == 0) != (other[3] == 0)) {
      return one[3] == 0 ? one : other;
    }
    return one[2] >= other[2] ? one : other;
  }

  @Test
  void saysWhatItPromisesAndRefuses() {
    assertThat(given.sink(CHANGES + "{}").guarantee(MERGE)).isEqualTo(Guarantee.EXACTLY_ONCE);
    assertThatThrownBy(
            () -> given.sink("keys: [id], order-by: [at], history: {}").guarantee(UPSERT))
        .hasMessage("Cannot keep a history by upsert: it replaces rows. Use write: merge");
    assertThatThrownBy(() -> given.sink("keys: [id], order-by: [a, b], history: {}"))
        .hasMessageStartingWith("Needs exactly one order-by column for history, found [a, b]. ");
    assertThatThrownBy(
            () ->
                given
                    .sink(CHANGES + "{to: V}")
                    .write(batch(query(), MERGE, 0, changes("(1, 1, 'a', 'u')"))))
        .hasMessage(
            "Cannot keep the validity of a version in column V: the rows have one of that name."
                + " Choose another name in history");
  }
}
