package io.millrace.models;

import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.engine.spi.Columns;
import io.millrace.engine.spi.Renewal;
import io.millrace.engine.testing.Sessions;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.spark.ml.functions;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a score step tells of the rows that it scores. */
class DriftMeterTest {
  private static final DriftSettings WARNS =
      new DriftSettings(100_000, 300, Optional.empty(), Optional.empty(), List.of());
  private static StoredModel model;

  @BeforeAll
  static void train() {
    model = Clicks.forest();
  }

  private static ScoreStep step(DriftSettings drift, Optional<Rival> split) {
    return new ScoreStep(
            new ScoreStep.Settings(
                Clicks.store().toString(),
                Map.of("fraud", "probability[1]"),
                ScoreStep.Reload.NEVER,
                Map.of(),
                Optional.of("scored_by"),
                split,
                Optional.empty(),
                Optional.of(drift),
                List.of()))
        .named("scored");
  }

  private static Renewal renewal(DriftSettings drift) {
    return step(drift, Optional.empty()).renewal(Clicks.rows(), Optional.empty());
  }

  private static long batch(Renewal renewal, Dataset<Row> rows) {
    String unused = renewal.renew();
    long count = renewal.apply(rows).collectAsList().size();
    renewal.done(1);
    return count;
  }

  /** Dwell times twice as long, no hour for some, and a device that nobody had. */
  private static Dataset<Row> moved() {
    return Clicks.rows()
        .selectExpr(
            "id",
            "if(id % 10 = 3, null, hour) as hour",
            "if(id % 4 = 1, 'watch', device) as device",
            "2 * dwell_ms as dwell_ms");
  }

  private static Map<String, Double> figures(List<Drift> drifts) {
    Map<String, Double> figures = new LinkedHashMap<>();
    for (Drift drift : drifts) {
      for (DriftFigure figure : DriftFigure.values()) {
        figure
            .of(drift)
            .ifPresent(value -> figures.put(figure.word() + "." + drift.column(), value));
      }
    }
    return figures;
  }

  /** Refused rows have features, and no score. */
  private static Map<String, Double> expected(Dataset<Row> rows) {
    Dataset<Row> scored =
        model
            .load(Sessions.spark())
            .transform(rows.filter("hour is not null"))
            .select(functions.vector_to_array(col("probability"), "float64").getItem(1).as("p"));
    Map<String, Double> figures = figures(Drift.of(model, rows));
    Profile.Numbers scores = model.profile().orElseThrow().scores().get(0);
    Profile one =
        new Profile(
            1,
            List.of(
                new Profile.Numbers(
                    "p", scores.rows(), scores.nulls(), scores.edges(), scores.counts(), 0, 0)),
            List.of(),
            List.of());
    figures(Drift.of(one, scored))
        .forEach((name, value) -> figures.put(name.replace(".p", ".probability[1]"), value));
    return figures;
  }

  private static org.apache.spark.sql.Column col(String name) {
    return org.apache.spark.sql.functions.col(name);
  }

  @Test
  void measuresTheRowsThatTheTasksScored() {
    try (Renewal renewal = renewal(WARNS)) {
      batch(renewal, moved());
      Map<String, Double> figures = renewal.figures();

      assertThat(figures).containsEntry("drift.rows", 600.0);
      Map<String, Double> expected = expected(moved());
      assertThat(expected).hasSize(3 + 3 + 3 + 3);
      expected.forEach(
          (name, value) -> assertThat(figures.get(name)).as(name).isCloseTo(value, within(1e-12)));
      assertThat(figures.get("nulls.hour")).isCloseTo(0.1, within(1e-12));
      assertThat(figures.get("unseen.device")).isCloseTo(0.25, within(1e-12));
      assertThat(renewal.warnings())
          .contains("drift of device unseen 25.0%", "drift of hour nulls 10.0%")
          .anyMatch(text -> text.startsWith("drift of dwell_ms psi "));
    }
  }

  /** A stage that is not known lets Spark's transform score, and the same is counted there. */
  @Test
  void measuresRowsThatOnlySparkCanScore(@TempDir Path store) {
    String transformer = "org.apache.spark.ml.feature.SQLTransformer";
    Stage twice =
        new Custom.Stage(
            transformer,
            Map.of("statement", "select *, dwell_ms * 2 as twice from __THIS__"),
            List.of("dwell_ms"),
            List.of("twice"),
            Optional.empty());
    new PipelineTrainer(
            Clicks.settings(
                store, List.of(twice, Clicks.DEVICE, Clicks.FOREST), Optional.of("is_fraud"), 42))
        .train("slow", Clicks.rows());
    ScoreStep step =
        new ScoreStep(
                new ScoreStep.Settings(
                    store.toString(),
                    Map.of("all", "probability"),
                    ScoreStep.Reload.NEVER,
                    Map.of(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(WARNS),
                    List.of(transformer)))
            .named("slow");
    assertThat(step.schema(moved().schema())).isPresent();
    try (Renewal renewal = step.renewal(moved(), Optional.empty())) {
      assertThat(renewal).isInstanceOf(Transforming.class);
      String unused = renewal.renew();
      Dataset<Row> scored = renewal.apply(moved());
      assertThat(scored.filter("all is not null").collectAsList()).hasSize(540);
      renewal.done(1);

      Map<String, Double> figures = renewal.figures();
      assertThat(figures).containsEntry("drift.rows", 600.0);
      List<Drift> expected =
          Drift.of(ModelStore.open(store.toString()), moved().select("hour", "device", "dwell_ms"));
      figures(expected)
          .forEach(
              (name, value) ->
                  assertThat(figures.get(name)).as(name).isCloseTo(value, within(1e-12)));
      assertThat(figures.get("psi.probability[1]")).isGreaterThan(0.1);
      assertThat(renewal.warnings()).contains("drift of hour nulls 10.0%");
      renewal.recall(renewal.renew());
      renewal.done(2);
      assertThat(renewal.figures()).containsEntry("drift.rows", 600.0);
    }
  }

  @Test
  void rowsLikeThoseOfTheTrainingAreNoDrift() {
    try (Renewal renewal = renewal(WARNS)) {
      batch(renewal, Clicks.rows());

      assertThat(renewal.warnings()).isEmpty();
      assertThat(renewal.figures().get("psi.dwell_ms")).isLessThan(0.05);
    }
  }

  @Test
  void countsARowOnceHoweverOftenItIsScored() {
    try (Renewal renewal = renewal(WARNS)) {
      String unused = renewal.renew();
      Dataset<Row> scored = renewal.apply(moved().repartition(3));
      List<Row> some = scored.limit(5).collectAsList();
      List<Row> all = scored.collectAsList();
      List<Row> others = renewal.apply(moved()).collectAsList();
      renewal.done(1);

      assertThat(some).hasSize(5);
      assertThat(others).hasSameSizeAs(all);
      assertThat(renewal.figures()).containsEntry("drift.rows", 600.0);
      assertThat(renewal.figures().get("nulls.hour")).isCloseTo(0.1, within(1e-12));
    }
  }

  @Test
  void leavesOutDeadLettersAndRowsOfTheSplit() {
    Dataset<Row> rows =
        Clicks.rows()
            .withColumn(
                Columns.DEAD,
                when(
                    col("id").lt(100),
                    org.apache.spark.sql.functions.struct(
                        lit("s").as("source"),
                        lit("x").as("step"),
                        lit("r").as("rule"),
                        lit("w").as("reason"))));
    Rival split = new Rival(Clicks.store().toString(), "30%", List.of("id"));
    try (Renewal renewal = step(WARNS, Optional.of(split)).renewal(rows, Optional.empty())) {
      batch(renewal, rows);
      Map<String, Double> figures = renewal.figures();

      assertThat(figures.get("scored")).isEqualTo(500);
      assertThat(figures.get("drift.rows"))
          .isEqualTo(500 - Objects.requireNonNull(figures.get("split.rows")))
          .isBetween(300.0, 400.0);
    }
  }

  @Test
  void tellsNothingOfFewRowsAndNothingOfABatchThatComesAgain() {
    try (Renewal renewal = renewal(WARNS)) {
      batch(renewal, moved().filter("id < 200"));
      assertThat(renewal.figures())
          .containsEntry("drift.rows", 200.0)
          .doesNotContainKey("psi.hour");
      renewal.recall(model.manifest().version());
      List<Row> again = renewal.apply(moved()).collectAsList();
      renewal.done(2);

      assertThat(again).hasSize(600);
      assertThat(renewal.figures()).containsEntry("drift.rows", 200.0);
      assertThat(batch(renewal, moved().filter("id < 100"))).isEqualTo(100);
      assertThat(renewal.figures()).containsKey("psi.hour");
    }
  }

  @Test
  void warnsUntilTheNewestRowsAreAsTheyWereAgain() {
    DriftSettings narrow =
        new DriftSettings(600, 300, Optional.empty(), Optional.empty(), List.of("HOUR"));
    try (Renewal renewal = renewal(narrow)) {
      batch(renewal, moved());
      assertThat(renewal.warnings()).isNotEmpty();
      assertThat(renewal.figures()).doesNotContainKey("psi.hour");
      batch(renewal, Clicks.rows());
      assertThat(renewal.warnings()).isEmpty();
      assertThat(renewal.figures()).containsEntry("drift.rows", 600.0);
    }
  }

  @Test
  void stopsBehindABatchThatIsTooFarOff() {
    DriftSettings stops =
        new DriftSettings(
            1_000,
            300,
            Optional.empty(),
            Optional.of(bounds(Optional.empty(), Optional.of("20%"))),
            List.of());
    try (Renewal renewal = renewal(stops)) {
      assertThatThrownBy(() -> batch(renewal, moved()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "Cannot go on: Drift in step scored since version "
                  + model.manifest().version()
                  + " of its model was trained, over the last 600 rows: 25.0% of the values of"
                  + " device were not seen in training, and the bound is 20.0%. Batch 1 is"
                  + " delivered. Train the model again or promote another version, or raise the"
                  + " bound under stop; a start counts from nothing");
    }
  }

  private static DriftBounds bounds(Optional<Double> psi, Optional<String> unseen) {
    return new DriftBounds(psi, Optional.empty(), Optional.empty(), unseen);
  }

  @Test
  void refusesSettingsThatCannotBe() {
    assertThatThrownBy(() -> bounds(Optional.of(-1.0), Optional.empty()))
        .hasMessage("Expected a number above 0 for psi, found -1.0");
    assertThatThrownBy(
            () ->
                new DriftBounds(
                    Optional.empty(), Optional.of(1.5), Optional.empty(), Optional.empty()))
        .hasMessage("Expected a number above 0 and up to 1 for ks, found 1.5");
    assertThatThrownBy(() -> bounds(Optional.empty(), Optional.of("0.5")))
        .hasMessage("Expected a share between 0% and 100%, such as 5%, found 0.5");
    assertThatThrownBy(() -> bounds(Optional.empty(), Optional.empty()))
        .hasMessage("Needs at least one figure, such as psi: 0.25");
    assertThatThrownBy(
            () -> new DriftSettings(10, 20, Optional.empty(), Optional.empty(), List.of()))
        .hasMessage("Cannot take figures over 10 rows, fewer than least, which is 20");
    DriftSettings other =
        new DriftSettings(10, 1, Optional.empty(), Optional.empty(), List.of("amount"));
    assertThatThrownBy(() -> step(other, Optional.empty()).schema(Clicks.rows().schema()))
        .hasMessage(
            "Unknown feature amount under except of drift. Known are device, dwell_ms, hour");
  }

  @Test
  void thePlanTellsWhatIsWatched() {
    DriftSettings stops =
        new DriftSettings(
            5_000,
            300,
            Optional.empty(),
            Optional.of(bounds(Optional.of(0.5), Optional.of("20%"))),
            List.of());

    assertThat(step(stops, Optional.empty()).told())
        .endsWith(
            "drift since the training is measured over the newest 5000 rows, warns above psi 0.25,"
                + " ks 0.2, nulls 5%, unseen 5% and stops the job above psi 0.5, unseen 20%");
    assertThat(stops.told(model, Output.all(Map.of("verdict", "prediction"))))
        .endsWith("; of the scores, probability[1] is not among the outputs, and not watched");
    assertThat(Watching.unwatched(model, Output.all(Map.of("both", "probability")))).isEmpty();
  }
}
