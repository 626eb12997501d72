package io.millrace.engine.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Planned;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DedupeStepTest {
  private static DedupeStep dedupe(Optional<Duration> within, String... keys) {
    return new DedupeStep(new DedupeStep.Settings(List.of(keys), within, Optional.empty(), false));
  }

  @Test
  void keepsKeysAsLongAsAskedForAndNotAsTheWatermarkIsLate() throws Exception {
    try (Streams rows =
        Streams.of(
            "within",
            "append",
            WindowStepTest.watermark(0),
            dedupe(Optional.of(Duration.ofSeconds(20)), "k"))) {
      rows.add("a 10", "a 11").add("b 15").add("a 25").add("c 50").add("a 60");
      assertThat(rows.rows("k", "unix_seconds(t)"))
          .containsExactly("[a,10]", "[a,60]", "[b,15]", "[c,50]");
    }
  }

  @Test
  void needsAnEnd() {
    assertThatThrownBy(() -> Streams.of("endless", "append", dedupe(Optional.empty(), "k")))
        .hasMessageStartingWith("Needs an end: every key of [k] would be kept for ever.");
    assertThatThrownBy(
            () -> Streams.of("blind", "append", dedupe(Optional.of(Duration.ofSeconds(1)), "k")))
        .hasMessageStartingWith("Needs a watermark above to forget keys within 1s");
    assertThatThrownBy(() -> Streams.of("unknown", "append", dedupe(Optional.empty(), "kk")))
        .hasMessage("Unknown column kk in keys. There are [k, t, v, n]");
  }

  @Test
  void remembersKeysForEverWhereThatIsMeant() throws Exception {
    DedupeStep step =
        new DedupeStep(
            new DedupeStep.Settings(List.of("k"), Optional.empty(), Optional.empty(), true));
    assertThat(step.unbounded()).isTrue();
    try (Streams rows = Streams.of("forever", "append", step)) {
      rows.add("a 10").add("a 3000", "b 1");
      assertThat(rows.rows("k", "unix_seconds(t)")).containsExactly("[a,10]", "[b,1]");
    }
  }

  @Test
  void removesRepeatsOfANumberForEver() throws Exception {
    try (Streams rows = Streams.of("numbers", "append", WindowStepTest.watermark(0), numbered())) {
      rows.add("a 10 1", "a 10 3", "b 10 1", "a 10 x")
          .add("a 9000 2")
          .add("a 11 3", "a 9000 1", "a 12 4", "a 12 4", "b 11 2", "a 12 x");
      assertThat(rows.rows("k", "v"))
          .containsExactly("[a,1]", "[a,2]", "[a,3]", "[a,4]", "[a,x]", "[a,x]", "[b,1]", "[b,2]");
    }
    Planned.Input table =
        Tables.table("rows", "select * from values ('a', 2), ('a', 1), ('a', 2) as v(k, n)");
    assertThat(Tables.rows(Tables.run(numbered(), table))).containsExactly("[a,1]", "[a,2]");
  }

  private static DedupeStep numbered() {
    return new DedupeStep(
        new DedupeStep.Settings(List.of("k"), Optional.empty(), Optional.of("n"), false));
  }

  @Test
  void numbersNeedNoOtherBound() {
    assertThatThrownBy(
            () -> new DedupeStep.Settings(List.of("k"), Optional.empty(), Optional.of("n"), true))
        .hasMessage(
            "Cannot bound what sequence remembers, ranges of numbers for ever. Leave out"
                + " unbounded");
    DedupeStep texts =
        new DedupeStep(
            new DedupeStep.Settings(List.of("k"), Optional.empty(), Optional.of("k"), false));
    assertThatThrownBy(() -> Tables.run(texts, Tables.table("rows", "select 'a' as k")))
        .hasMessage("Expected sequence to be a column of whole numbers, found k of type string");
  }

  @Test
  void takesTheRowsOfATableInTheOrderOfTheirTimes() {
    Planned.Input rows =
        Tables.table(
            "rows",
            "select k, n, timestamp_seconds(s) as t from values ('a', 1, 10), ('b', 2, 12),"
                + " ('a', 6, 71), ('a', 3, 25), ('a', 5, 60), ('a', 4, 30), (null, 7, 5),"
                + " (null, 8, 6), ('c', 9, null), ('c', 10, null), ('c', 11, 40) as v(k, n, s)"
                + " distribute by n");
    Planned.Input timed =
        new Planned.Input("timed", Tables.analysed(Tables.run(WindowStepTest.watermark(0), rows)));

    // From 10 on until 30, from 30 on until 50, from 60 on until 80.
    assertThat(
            Tables.rows(
                Tables.run(dedupe(Optional.of(Duration.ofSeconds(20)), "k"), timed)
                    .selectExpr("k", "unix_seconds(t)")))
        .containsExactly("[a,10]", "[a,30]", "[a,60]", "[b,12]", "[c,40]", "[c,null]", "[null,5]");
  }

  @Test
  void removesEveryRepeatOfATableWhereNoTimeIsGiven() {
    Planned.Input rows = Tables.table("rows", "select * from values ('a'), ('a'), ('b') as v(k)");

    assertThat(Tables.rows(Tables.run(dedupe(Optional.empty(), "k"), rows)))
        .containsExactly("[a]", "[b]");
    assertThatThrownBy(() -> Tables.run(dedupe(Optional.of(Duration.ofHours(1)), "k"), rows))
        .hasMessageStartingWith("Needs a watermark above to forget keys within 1h");
  }
}
