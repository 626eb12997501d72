package io.millrace.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SplitTest {
  private static final Recipe RECIPE =
      Recipe.of(List.of("id"), List.of(Clicks.FOREST), Optional.of("is_fraud"));

  @Test
  void readsAShare() {
    assertThat(drawn("12.5 %", 1).share()).isEqualTo(0.125);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0%", "100%", "20", "0.2", "a%", ""})
  void refusesWhatIsNoShare(String test) {
    assertThatThrownBy(() -> drawn(test, 1))
        .hasMessage("Expected a share between 0% and 100%, such as 20%, found " + test);
  }

  @Test
  void refusesASeedForTime() {
    assertThatThrownBy(() -> new Split(Optional.of("clicked_at"), "20%", Optional.of(1L)))
        .hasMessage("Cannot split by time with a seed: nothing is drawn. Leave out time or seed");
  }

  @Test
  void holdsTheLatestRowsOut() {
    try (TrainingTable table = table(Clicks.rows(), late("clicked_at"))) {
      assertThat(ids(table.heldOut()))
          .hasSize(Clicks.COUNT / 5)
          .allMatch(id -> id >= Clicks.COUNT / 5 * 4);
      assertThat(table.training().count()).isEqualTo(Clicks.COUNT / 5 * 4);
    }
  }

  @Test
  void drawsTheSameRowsWhateverTheirOrder() {
    try (TrainingTable table = table(Clicks.rows(), drawn("20%", 1));
        TrainingTable shuffled = table(Clicks.rows().repartition(5), drawn("20%", 1));
        TrainingTable other = table(Clicks.rows(), drawn("20%", 2))) {
      List<Long> ids = ids(table.heldOut());

      assertThat(ids(shuffled.heldOut())).isEqualTo(ids);
      assertThat(ids(other.heldOut())).isNotEqualTo(ids);
      assertThat(ids.size() / (double) Clicks.COUNT).isCloseTo(0.2, within(0.05));
      assertThat(ids(table.training()))
          .doesNotContainAnyElementsOf(ids)
          .hasSize(Clicks.COUNT - ids.size());
    }
  }

  @Test
  void drawsFoldsThatHaveEachRowOnce() {
    try (TrainingTable table = table(Clicks.rows(), drawn("20%", 1))) {
      List<Fold> folds = table.folds(validate(Optional.of(3), Optional.empty()));
      List<Long> all = ids(table.training());

      assertThat(folds).hasSize(3);
      assertThat(folds.stream().flatMap(fold -> ids(fold.check()).stream()).sorted())
          .isEqualTo(all);
      for (Fold fold : folds) {
        assertThat(ids(fold.check()).size() / (double) all.size()).isCloseTo(0.33, within(0.06));
        assertThat(ids(fold.learn()))
            .hasSize(all.size() - ids(fold.check()).size())
            .doesNotContainAnyElementsOf(ids(fold.check()));
      }
      Fold share = table.folds(validate(Optional.empty(), Optional.of("25%"))).get(0);
      assertThat(ids(share.check()).size() / (double) all.size()).isCloseTo(0.25, within(0.06));
    }
  }

  /** Of 480 rows that are not held out, four blocks of 120: each but the first is measured on. */
  @Test
  void neverLearnsFromWhatComesLater() {
    try (TrainingTable table = table(Clicks.rows(), late("clicked_at"))) {
      List<Fold> folds = table.folds(validate(Optional.of(3), Optional.empty()));

      assertThat(folds).hasSize(3);
      for (int i = 0; i < 3; i++) {
        assertThat(ids(folds.get(i).learn())).isEqualTo(ids(0, 120L * (i + 1)));
        assertThat(ids(folds.get(i).check())).isEqualTo(ids(120L * (i + 1), 120L * (i + 2)));
      }
      Fold share = table.folds(validate(Optional.empty(), Optional.of("25%"))).get(0);
      assertThat(ids(share.learn())).isEqualTo(ids(0, 360));
      assertThat(ids(share.check())).isEqualTo(ids(360, 480));
    }
  }

  private static List<Long> ids(long from, long to) {
    return LongStream.range(from, to).boxed().toList();
  }

  private static Validate validate(Optional<Integer> folds, Optional<String> share) {
    return new Validate(
        folds, share, Optional.empty(), Map.of("random-forest.depth", List.of("2")), 1);
  }

  @Test
  void refusesATimeThatIsNone() {
    assertThatThrownBy(() -> table(Clicks.rows(), late("device")))
        .hasMessage(
            "Cannot split by device, which is string. Needs a timestamp, a date or a number");
    assertThatThrownBy(
            () ->
                table(
                    Clicks.rows().selectExpr("*", "if(id < 3, null, clicked_at) as at"),
                    late("at")))
        .hasMessage("Cannot split by at: it is null in 3 rows. Filter them in a step");
  }

  private static TrainingTable table(Dataset<Row> rows, Split split) {
    return TrainingTable.of(rows, RECIPE, split, 42);
  }

  private static Split late(String column) {
    return new Split(Optional.of(column), "20%", Optional.empty());
  }

  private static Split drawn(String test, long seed) {
    return new Split(Optional.empty(), test, Optional.of(seed));
  }

  private static List<Long> ids(Dataset<Row> rows) {
    return rows.select("id").orderBy("id").collectAsList().stream()
        .map(row -> row.getLong(0))
        .toList();
  }
}
