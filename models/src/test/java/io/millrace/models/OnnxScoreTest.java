package io.millrace.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.engine.spi.ModelVersions.Foreign;
import io.millrace.engine.spi.ModelVersions.Missing;
import io.millrace.engine.spi.Renewal;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.Sessions;
import io.millrace.models.onnx.OnnxModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** The step with ONNX models, alone and beside those of Spark. */
class OnnxScoreTest {
  private static final List<String> COLUMNS = List.of("hour", "dwell_ms");
  private static final int ROWS = 2000;

  private final Path home = Folders.temporary("onnx-score");
  private final Path store = home.resolve("store");

  @Test
  void scoresAsTheFormulaDoes() throws IOException {
    add(store, OnnxModels.columns(), List.of(), Map.of(), Missing.REFUSED);
    ScoreStep step = step(store, Map.of("fraud", "score", "part", "shift"));

    Dataset<Row> rows = rows();
    Dataset<Row> scored = step.apply(rows);
    assertThat(step.schema(rows.schema()).orElseThrow().catalogString())
        .isEqualTo(scored.drop("_dead").schema().catalogString());
    List<Row> all =
        scored.select("device", "hour", "dwell_ms", "fraud", "part", "scored_by").collectAsList();
    assertThat(all)
        .hasSize(ROWS)
        .allSatisfy(
            row -> {
              double expected =
                  OnnxModels.columns(row.getString(0), row.getInt(1), (float) row.getDouble(2));
              assertThat(row.getDouble(3)).isCloseTo(expected, within(1e-6));
              assertThat(row.getString(4))
                  .isEqualTo(row.getInt(1) < 5 ? "night" : row.getInt(1) == 5 ? "früh" : "day");
              assertThat(row.getString(5)).isEqualTo(current(store));
            });
  }

  @Test
  void givesAllPlacesOrOne() throws IOException {
    add(store, OnnxModels.trees(), COLUMNS, Map.of(), Missing.REFUSED);
    Map<String, String> outputs = new LinkedHashMap<>();
    outputs.put("second", "probabilities[1]");
    outputs.put("verdict", "label");
    outputs.put("both", "probabilities");

    List<Row> all =
        step(store, outputs)
            .apply(rows())
            .select("hour", "dwell_ms", "second", "verdict", "both")
            .collectAsList();
    assertThat(all)
        .hasSize(ROWS)
        .allSatisfy(
            row -> {
              double[] expected = OnnxModels.trees(row.getInt(0), (float) row.getDouble(1));
              assertThat(row.getDouble(2)).isCloseTo(expected[1], within(1e-6));
              assertThat(row.getLong(3)).isEqualTo(expected[1] > expected[0] ? 1 : 0);
              assertThat(row.<Double>getList(4))
                  .containsExactly(row.<Double>getList(4).get(0), row.getDouble(2));
            });
  }

  @Test
  void refusesRowsWithoutAFeature() throws IOException {
    add(store, OnnxModels.columns(), List.of(), Map.of(), Missing.REFUSED);

    assertThat(faults(step(store, Map.of("fraud", "score"))))
        .containsExactly(
            "[0,null]",
            "[1,Cannot score a row whose feature dwell_ms is null]",
            "[2,Cannot score a row whose feature dwell_ms is not a finite number]",
            "[3,Cannot score a row whose feature dwell_ms is not a finite number]",
            "[4,Cannot score a row whose feature hour is null]",
            "[5,Cannot score a row whose feature device is null]");
  }

  @Test
  void givesTheModelNaNWhereItWasTrainedSo() throws IOException {
    add(store, OnnxModels.columns(), List.of(), Map.of(), Missing.NAN);

    assertThat(faults(step(store, Map.of("fraud", "score"))))
        .containsExactly(
            "[0,null]",
            "[1,null]",
            "[2,null]",
            "[3,Cannot score a row whose feature dwell_ms is not a finite number]",
            "[4,Cannot score a row whose feature hour is null]",
            "[5,Cannot score a row whose feature device is null]");
    add(store, OnnxModels.trees(), COLUMNS, Map.of(), Missing.NAN);
    assertThat(
            step(store, Map.of("fraud", "probabilities[1]"))
                .apply(missing())
                .filter("id in (1, 2, 4)")
                .select("fraud")
                .collectAsList())
        .extracting(row -> row.getDouble(0))
        .containsExactly(
            OnnxModels.trees(3, Float.NaN)[1],
            OnnxModels.trees(3, Float.NaN)[1],
            OnnxModels.trees(Float.NaN, 100)[1]);
  }

  private static List<String> faults(ScoreStep step) {
    return step
        .apply(missing())
        .selectExpr("id", "_dead.reason")
        .orderBy("id")
        .collectAsList()
        .stream()
        .map(Row::toString)
        .toList();
  }

  private static Dataset<Row> missing() {
    return Sessions.spark()
        .range(0, 6, 1, 1)
        .selectExpr(
            "id",
            "if(id = 5, null, 'phone') as device",
            "if(id = 4, null, 3) as hour",
            "case id when 1 then null when 2 then double('NaN') when 3 then 1e300 else 100d end"
                + " as dwell_ms");
  }

  @Test
  void givesAFallbackWhereItCannotScore() throws IOException {
    add(store, OnnxModels.columns(), List.of(), Map.of(), Missing.REFUSED);
    ScoreStep step =
        step(
            store,
            Map.of("fraud", "score"),
            Map.of("fraud", "-1"),
            Optional.empty(),
            Optional.empty());

    assertThat(step.apply(missing()).filter("scored_by is null").select("fraud").collectAsList())
        .hasSize(5)
        .allSatisfy(row -> assertThat(row.getDouble(0)).isEqualTo(-1));
  }

  @Test
  void saysWhatRowsLack() throws IOException {
    add(store, OnnxModels.columns(), List.of(), Map.of(), Missing.REFUSED);

    assertThatThrownBy(
            () ->
                step(store, Map.of("fraud", "score"))
                    .apply(rows().drop("device").withColumnRenamed("dwell_ms", "dwell")))
        .hasMessage(
            "Cannot score these rows with the model store: device string is missing; dwell_ms"
                + " double is missing. Add and cast columns in a step before");
    assertThatThrownBy(() -> step(store, Map.of("fraud", "probability")).apply(rows()))
        .hasMessage("Unknown column probability of the model store. It has score, shift");
    assertThatThrownBy(() -> step(store, Map.of("fraud", "score[0]")).apply(rows()))
        .hasMessage("Cannot take a place of score, which is no vector. Write score");
  }

  @Test
  void tellsPlanHowItScores() throws IOException {
    add(store, OnnxModels.trees(), COLUMNS, Map.of(), Missing.REFUSED);

    ScoreStep step = step(store, Map.of("fraud", "probabilities[1]"));
    assertThat(step.told().get(0))
        .isEqualTo(
            "version "
                + current(store)
                + " of the model store, scored row by row by ONNX Runtime from hour, dwell_ms");
    assertThat(step.keepsDead()).isTrue();
  }

  /** Every version gives another score, so a row tells which of them it had. */
  @Test
  void takesTwentyVersionsWhileItScores() throws IOException {
    add(store, OnnxModels.logistic(0), COLUMNS, Map.of(), Missing.REFUSED);
    String place;
    try (Renewal renewal =
        step(store, Map.of("fraud", "probability")).renewal(rows(), Optional.empty())) {
      place = ((Scoring) renewal).place(Role.MAIN);
      Dataset<Row> scored = renewal.apply(rows()).select("hour", "dwell_ms", "fraud", "scored_by");
      for (int bias = 1; bias <= 20; bias++) {
        add(store, OnnxModels.logistic(bias / 10f), COLUMNS, Map.of(), Missing.REFUSED);
        String version = taken(renewal);
        float own = bias / 10f;
        // What the tasks of a batch see is told by a local property.
        Sessions.spark().sparkContext().setLocalProperty(Renewal.property("scored"), version);
        assertThat(scored.limit(50).collectAsList())
            .hasSize(50)
            .allSatisfy(
                row -> {
                  double expected =
                      OnnxModels.logistic(own, row.getInt(0), (float) row.getDouble(1));
                  assertThat(row.getDouble(2)).isCloseTo(expected, within(1e-6));
                  assertThat(row.getString(3)).isEqualTo(version);
                });
        assertThat(open(place)).isEqualTo(Math.min(bias, 2));
      }
    } finally {
      Sessions.spark().sparkContext().setLocalProperty(Renewal.property("scored"), null);
    }
    assertThat(open(place)).as("after the query").isZero();
  }

  private static int open(String place) {
    return io.millrace.models.onnx.Sessions.open(place);
  }

  /** The newest version, once it is in use. */
  private String taken(Renewal renewal) {
    String newest = current(store);
    Instant end = Instant.now().plus(Duration.ofSeconds(30));
    while (!renewal.renew().equals(newest)) {
      assertThat(Instant.now()).as("until %s takes over", newest).isBefore(end);
      Thread.onSpinWait();
    }
    return newest;
  }

  @Test
  void keepsTheVersionWhereANewerOneCannotBeUsed() throws IOException {
    add(store, OnnxModels.logistic(0), COLUMNS, Map.of(), Missing.REFUSED);
    try (Renewal renewal =
        step(store, Map.of("fraud", "probability")).renewal(rows(), Optional.empty())) {
      String first = renewal.renew();
      StoredModel broken = add(store, OnnxModels.logistic(1), COLUMNS, Map.of(), Missing.REFUSED);
      Files.write(
          Path.of(broken.path().substring("file://".length())).resolve("model.onnx"),
          OnnxModels.logistic(2));
      Instant end = Instant.now().plus(Duration.ofSeconds(30));
      while (renewal.failing().isEmpty()) {
        assertThat(renewal.renew()).isEqualTo(first);
        assertThat(Instant.now()).as("until it fails").isBefore(end);
        Thread.onSpinWait();
      }
      assertThat(renewal.failing().get())
          .contains(": the file model.onnx is not what was stored, its sha256 differs.");
      assertThat(renewal.apply(rows()).filter("fraud is null").count()).isZero();
    }
  }

  @Test
  void scoresBesideAModelOfSparksAndForAShare() throws IOException {
    StoredModel forest = Clicks.forest();
    Path rival = home.resolve("rival");
    Map<String, String> outputs = new LinkedHashMap<>();
    outputs.put("probability", "probabilities");
    add(rival, OnnxModels.trees(), COLUMNS, outputs, Missing.REFUSED);
    ScoreStep shadowed =
        step(
            Clicks.store(),
            Map.of("fraud", "probability[1]"),
            Map.of(),
            Optional.empty(),
            Optional.of(rival.toString()));
    try (Renewal renewal = shadowed.renewal(Clicks.rows(), Optional.empty())) {
      List<Row> rows =
          renewal.apply(Clicks.rows()).select("hour", "dwell_ms", "fraud").collectAsList();
      double off = 0;
      for (Row row : rows) {
        off +=
            Math.abs(row.getDouble(2) - OnnxModels.trees(row.getInt(0), (float) row.getLong(1))[1]);
      }
      assertThat(renewal.figures())
          .containsEntry("scored", 600.0)
          .containsEntry("shadow.rows", 600.0)
          .containsEntry("shadow.refused", 0.0);
      assertThat(renewal.figures().get("shadow.difference.fraud"))
          .isCloseTo(off / 600, within(1e-6));
    }

    Rival share = new Rival(rival.toString(), "30%", List.of("hour"));
    ScoreStep split =
        step(
            Clicks.store(),
            Map.of("fraud", "probability[1]"),
            Map.of(),
            Optional.of(share),
            Optional.empty());
    try (Renewal renewal = split.renewal(Clicks.rows(), Optional.empty())) {
      assertThat(renewal.renew())
          .isEqualTo(forest.manifest().version() + " split=" + current(rival));
      List<Row> rows =
          renewal
              .apply(Clicks.rows())
              .filter("scored_by = '" + current(rival) + "'")
              .select("hour", "dwell_ms", "fraud")
              .collectAsList();
      assertThat(rows)
          .hasSizeBetween(60, 350)
          .allSatisfy(
              row ->
                  assertThat(row.getDouble(2))
                      .isCloseTo(
                          OnnxModels.trees(row.getInt(0), (float) row.getLong(1))[1],
                          within(1e-6)));
    }
  }

  private static Dataset<Row> rows() {
    return Sessions.spark()
        .range(0, ROWS, 1, 2)
        .selectExpr(
            "id",
            "element_at(array('phone', 'desktop', 'tablet'), cast(pmod(xxhash64(id, 2), 3) as int)"
                + " + 1) as device",
            "cast(pmod(xxhash64(id, 1), 24) as int) as hour",
            "pmod(xxhash64(id, 3), 100000) / 100d as dwell_ms");
  }

  private static String current(Path store) {
    return ModelStore.at(store.toString()).current().orElseThrow();
  }

  private StoredModel add(
      Path store, byte[] model, List<String> columns, Map<String, String> outputs, Missing missing)
      throws IOException {
    Path file = Files.write(home.resolve("model.onnx"), model);
    ModelStore versions = ModelStore.at(store.toString());
    StoredModel stored =
        new OnnxAddition(
                versions,
                new Foreign(file, Optional.empty(), columns, outputs, missing, Optional.empty()))
            .stored();
    return versions.promote(stored.manifest().version());
  }

  private static ScoreStep step(Path store, Map<String, String> outputs) {
    return step(store, outputs, Map.of(), Optional.empty(), Optional.empty());
  }

  private static ScoreStep step(
      Path store,
      Map<String, String> outputs,
      Map<String, String> fallback,
      Optional<Rival> split,
      Optional<String> shadow) {
    return new ScoreStep(
            new ScoreStep.Settings(
                store.toString(),
                outputs,
                ScoreStep.Reload.ON_CHANGE,
                fallback,
                Optional.of("scored_by"),
                split,
                shadow,
                Optional.empty(),
                List.of()))
        .named("scored");
  }
}
