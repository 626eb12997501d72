package io.millrace.models;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.engine.spi.Renewal;
import io.millrace.engine.testing.Sessions;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.functions;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.execution.streaming.runtime.MemoryStream;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.jdk.javaapi.CollectionConverters;

class ScoreStepTest {
  private static final Path STORE = Clicks.store();
  private static StoredModel model;

  @BeforeAll
  static void train() {
    model = Clicks.forest();
  }

  @Test
  void scoresAsSparkDoes() {
    List<Row> expected =
        model
            .load(Sessions.spark())
            .transform(Clicks.rows())
            .select(
                col("click_id"),
                functions.vector_to_array(col("probability"), "float64").getItem(1),
                col("prediction"))
            .orderBy("click_id")
            .collectAsList();

    assertThat(
            fraud().apply(Clicks.rows()).select("click_id", "fraud", "verdict").orderBy("click_id"))
        .satisfies(scored -> assertThat(scored.collectAsList()).isEqualTo(expected));
  }

  @Test
  void scoresAStreamAsATable() throws Exception {
    MemoryStream<Long> ids = MemoryStream.apply(Encoders.LONG(), Sessions.spark());
    Dataset<Row> stream =
        ids.toDF()
            .join(
                org.apache.spark.sql.functions.broadcast(Clicks.rows()),
                col("value").equalTo(col("id")))
            .drop("value");
    StreamingQuery query =
        fraud().apply(stream).writeStream().format("memory").queryName("scored_clicks").start();
    try {
      for (long start : new long[] {0, 100}) {
        ids.addData(
            CollectionConverters.asScala(
                java.util.stream.LongStream.range(start, start + 100).boxed().toList()));
        query.processAllAvailable();
      }
    } finally {
      query.stop();
    }

    assertThat(Sessions.spark().table("scored_clicks").orderBy("id").collectAsList())
        .hasSize(200)
        .isEqualTo(fraud().apply(Clicks.rows()).filter("id < 200").orderBy("id").collectAsList());
  }

  @Test
  void tagsRowsWithoutAFeature() {
    Dataset<Row> rows =
        Clicks.rows()
            .selectExpr(
                "id",
                "if(id = 1, null, hour) as hour",
                "if(id = 2, null, if(id = 3, 'watch', device)) as device",
                "if(id = 4, null, dwell_ms) as dwell_ms")
            .filter("id < 6");

    Dataset<Row> scored = fraud().apply(rows);
    assertThat(
            scored
                .filter("_dead is not null and fraud is null and verdict is null")
                .selectExpr("id", "_dead.source", "_dead.step", "_dead.rule", "scored_by")
                .collectAsList())
        .extracting(Row::toString)
        .containsExactlyInAnyOrder("[1,null,scored,score,null]", "[4,null,scored,score,null]");
    assertThat(scored.filter("_dead is null").select("fraud", "scored_by").collectAsList())
        .hasSize(4)
        .allSatisfy(
            row -> {
              assertThat(row.getDouble(0)).isBetween(0.0, 1.0);
              assertThat(row.getString(1)).isEqualTo(model.manifest().version());
            });
    assertThat(
            step(STORE, verdict(), ScoreStep.Reload.NEVER, Map.of("fraud", "hour / 100.0"))
                .apply(rows)
                .filter("scored_by is null")
                .selectExpr("id", "fraud", "verdict")
                .collectAsList())
        .extracting(Row::toString)
        .containsExactlyInAnyOrder(
            "[1,null,null]",
            "[4,"
                + rows.filter("id = 4").selectExpr("hour / 100.0d").head().getDouble(0)
                + ",null]");
  }

  @Test
  void leavesDeadLettersAsTheyAre() {
    Dataset<Row> rows =
        Clicks.rows()
            .filter("id < 4")
            .selectExpr(
                "id",
                "if(id = 2, null, hour) as hour",
                "if(id = 2, null, device) as device",
                "if(id = 2, null, dwell_ms) as dwell_ms",
                "if(id = 2, named_struct('source', 's', 'step', 's', 'rule', 'decode', 'reason',"
                    + " 'bad'), null) as _dead");

    Dataset<Row> scored = fraud().apply(rows);
    assertThat(scored.filter("_dead is not null").selectExpr("id", "_dead.*").collectAsList())
        .extracting(Row::toString)
        .containsExactly("[2,s,s,decode,bad]");
    assertThat(scored.filter("fraud is not null").count()).isEqualTo(3);
  }

  @Test
  void doesNotStopAtARowThatTheModelThrowsOn(@TempDir Path clusters) {
    new PipelineTrainer(
            Clicks.settings(
                clusters,
                List.of(Clicks.DEVICE, new Clustering.KMeans(2, 5)),
                Optional.empty(),
                42))
        .train("groups", Clicks.rows());
    Dataset<Row> rows =
        Clicks.rows()
            .filter("id < 4")
            .selectExpr("id", "if(id = 1, null, hour) as hour", "device", "dwell_ms");
    assertThatThrownBy(
            () ->
                ModelStore.open(clusters.toString())
                    .load(Sessions.spark())
                    .transform(rows)
                    .collect())
        .as("what Spark's own transform does")
        .isInstanceOf(Exception.class);

    assertThat(
            step(clusters, "group", "prediction")
                .apply(rows)
                .filter("group is null and _dead is not null")
                .collectAsList())
        .extracting(row -> row.getLong(0))
        .containsExactly(1L);
  }

  /** Another forest of the same clicks. */
  private static StoredModel rival(Path store) {
    new PipelineTrainer(
            Clicks.settings(
                store, List.of(Clicks.DEVICE, Clicks.FOREST), Optional.of("is_fraud"), 7))
        .train("rival", Clicks.rows());
    return ModelStore.open(store.toString());
  }

  private static ScoreStep beside(Optional<Rival> split, Optional<String> shadow) {
    return new ScoreStep(
            new ScoreStep.Settings(
                STORE.toString(),
                verdict(),
                ScoreStep.Reload.ON_CHANGE,
                Map.of(),
                Optional.of("scored_by"),
                split,
                shadow,
                Optional.empty(),
                List.of()))
        .named("scored");
  }

  private static List<Row> frauds(PipelineModel of, Dataset<Row> rows) {
    return of.transform(rows)
        .select(col("id"), functions.vector_to_array(col("probability"), "float64").getItem(1))
        .orderBy("id")
        .collectAsList();
  }

  @Test
  void givesAShareOfTheKeysToAnotherModel(@TempDir Path store) {
    StoredModel rival = rival(store);
    Rival split = new Rival(store.toString(), "30%", List.of("hour", "device"));
    try (Renewal renewal =
        beside(Optional.of(split), Optional.empty()).renewal(Clicks.rows(), Optional.empty())) {
      assertThat(renewal.renew())
          .isEqualTo(model.manifest().version() + " split=" + rival.manifest().version());
      Dataset<Row> scored = renewal.apply(Clicks.rows()).cache();

      Dataset<Row> other = scored.filter(col("scored_by").equalTo(rival.manifest().version()));
      assertThat(other.select("id", "fraud").orderBy("id").collectAsList())
          .hasSizeBetween(80, 280)
          .isEqualTo(
              frauds(rival.load(Sessions.spark()), Clicks.rows().join(other.select("id"), "id")));
      assertThat(
              scored
                  .groupBy("hour", "device")
                  .agg(org.apache.spark.sql.functions.countDistinct("scored_by").as("models"))
                  .filter("models <> 1")
                  .count())
          .isZero();
      assertThat(renewal.figures()).containsEntry("split.rows", (double) other.count());
      scored.unpersist();
    }
  }

  @Test
  void holdsAShadowAgainstWhatIsGiven(@TempDir Path store) {
    PipelineModel shadow = rival(store).load(Sessions.spark());
    List<Row> expected = frauds(model.load(Sessions.spark()), Clicks.rows());
    List<Row> others = frauds(shadow, Clicks.rows());
    double difference = 0;
    long equal = 0;
    for (int i = 0; i < expected.size(); i++) {
      difference += Math.abs(expected.get(i).getDouble(1) - others.get(i).getDouble(1));
      equal += expected.get(i).getDouble(1) == others.get(i).getDouble(1) ? 1 : 0;
    }

    try (Renewal renewal =
        beside(Optional.empty(), Optional.of(store.toString()))
            .renewal(Clicks.rows(), Optional.empty())) {
      assertThat(renewal.apply(Clicks.rows()).select("id", "fraud").orderBy("id").collectAsList())
          .isEqualTo(expected);
      assertThat(renewal.figures())
          .containsEntry("scored", 600.0)
          .containsEntry("refused", 0.0)
          .containsEntry("shadow.rows", 600.0)
          .containsEntry("shadow.equal.fraud", equal / 600.0)
          .doesNotContainEntry("shadow.difference.fraud", 0.0);
      assertThat(renewal.figures().get("shadow.difference.fraud"))
          .isCloseTo(difference / 600, within(1e-12));
    }
  }

  @Test
  void keepsColumnsThatTheModelWouldWrite() {
    Dataset<Row> rows =
        Clicks.rows()
            .filter("id < 3")
            .selectExpr(
                "id as _source",
                "hour as HOUR",
                "device",
                "dwell_ms",
                "'mine' as prediction",
                "'too' as device_index",
                "id as `a.b`");

    Dataset<Row> scored = fraud().apply(rows);
    assertThat(scored.columns())
        .containsExactly(
            "_source",
            "HOUR",
            "device",
            "dwell_ms",
            "prediction",
            "device_index",
            "a.b",
            "fraud",
            "verdict",
            "scored_by",
            "_dead");
    assertThat(scored.drop("fraud", "verdict", "scored_by", "_dead").collectAsList())
        .isEqualTo(rows.collectAsList());
    assertThat(scored.filter("fraud is null").count()).isZero();
  }

  @Test
  void keepsTheWatermark() {
    Dataset<Row> stream =
        Sessions.spark()
            .readStream()
            .format("rate")
            .load()
            .selectExpr(
                "timestamp", "cast(value as int) as hour", "'phone' as device", "value as dwell_ms")
            .withWatermark("timestamp", "10 seconds");

    assertThat(fraud().apply(stream).schema().apply("timestamp").metadata())
        .isEqualTo(stream.schema().apply("timestamp").metadata())
        .satisfies(metadata -> assertThat(metadata.contains("spark.watermarkDelayMs")).isTrue());
  }

  @Test
  void tellsItsColumnsAsItWillGiveThem() {
    Dataset<Row> rows = Clicks.rows();
    Map<String, String> output = new LinkedHashMap<>();
    output.put("fraud", "probability[1]");
    output.put("all", "probability");
    output.put("verdict", "prediction");
    ScoreStep step = step(STORE, output);

    StructType told = step.schema(rows.schema()).orElseThrow();
    assertThat(told.catalogString())
        .isEqualTo(step.apply(rows).drop("_dead").schema().catalogString());
    assertThat(told.fieldNames()).endsWith("price", "fraud", "all", "verdict", "scored_by");
    assertThat(step.stateful()).isFalse();
  }

  @Test
  void readsNumbersOfOtherWidths() {
    Dataset<Row> rows =
        Clicks.rows()
            .selectExpr(
                "id",
                "cast(hour as bigint) as hour",
                "device",
                "cast(dwell_ms as int) as dwell_ms");

    assertThat(fraud().apply(rows).orderBy("id").select("fraud").collectAsList())
        .isEqualTo(fraud().apply(Clicks.rows()).orderBy("id").select("fraud").collectAsList());
  }

  @Test
  void saysAtOnceWhichColumnsDoNotFit() {
    StructType rows =
        new StructType().add("id", "bigint").add("hour", "double").add("device", "int");

    assertThatThrownBy(() -> fraud().schema(rows))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot score these rows with the model click_fraud: hour is double, not int; device is"
                + " int, not string; dwell_ms bigint is missing. Add and cast columns in a step"
                + " before");
  }

  @Test
  void refusesOutputsThatCannotBe() {
    StructType rows = Clicks.rows().schema();
    refuses(
        step(STORE, "price", "prediction"),
        "Cannot add the column price: the rows have one of that name. Choose another under output");
    refuses(
        step(STORE, "x", "score"),
        "Unknown column score of the model click_fraud. It has prediction, probability,"
            + " rawPrediction");
    refuses(
        step(STORE, "x", "probability[2]"),
        "Cannot take place 2 of probability, which has places 0 to 1");
    refuses(
        step(STORE, "x", "prediction[0]"),
        "Cannot take a place of prediction, which is no vector. Write prediction");
    assertThat(rows.fieldNames()).contains("price");
  }

  @Test
  void refusesSettingsThatCannotBe() {
    assertThatThrownBy(() -> step(STORE, "x", "probability[1] + 1"))
        .hasMessage(
            "Expected a column of the model such as prediction or probability[1] for the output x,"
                + " found probability[1] + 1. Compute with it in a step behind");
    assertThatThrownBy(() -> step(STORE, Map.of()))
        .hasMessage("Needs at least one output, such as verdict: prediction");
    assertThatThrownBy(() -> step(STORE, "_x", "prediction"))
        .hasMessage("Cannot name an output '_x': names with an underscore in front are taken");
    assertThatThrownBy(
            () ->
                step(STORE, Map.of("x", "prediction"), ScoreStep.Reload.NEVER, Map.of("y", "0.5")))
        .hasMessage("Unknown output y in fallback. The outputs are x");
    assertThatThrownBy(() -> new Rival("x", "100%", List.of("k")))
        .hasMessage("Expected a share between 0% and 100%, such as 5%, found 100%");
    assertThatThrownBy(() -> new Rival("x", "5%", List.of()))
        .hasMessage("Missing by, the columns of the key, such as [user_id]");
    assertThatThrownBy(
            () ->
                beside(
                        Optional.of(new Rival(STORE.toString(), "5%", List.of("hour", "user"))),
                        Optional.empty())
                    .schema(Clicks.rows().select("hour", "device", "dwell_ms").schema()))
        .hasMessage("Cannot split by user: the rows have hour, device, dwell_ms");
    assertThatThrownBy(() -> step(STORE, "Scored_by", "prediction"))
        .hasMessage("Cannot name two outputs scored_by. Choose another name for the version");
  }

  @Test
  void saysThatThereIsNoModel(@TempDir Path empty) {
    assertThatThrownBy(() -> step(empty, "x", "prediction").schema(Clicks.rows().schema()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot find a model at "
                + empty
                + ": there is no current version. Train one with millrace train FILE");
  }

  private static void refuses(ScoreStep step, String message) {
    assertThatThrownBy(() -> step.schema(Clicks.rows().schema()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
    assertThatThrownBy(() -> step.apply(Clicks.rows())).hasMessage(message);
  }

  private static ScoreStep fraud() {
    return step(STORE, verdict());
  }

  private static Map<String, String> verdict() {
    Map<String, String> output = new LinkedHashMap<>();
    output.put("fraud", "probability[1]");
    output.put("verdict", "prediction");
    return output;
  }

  static ScoreStep step(Path model, String name, String expression) {
    return step(model, Map.of(name, expression));
  }

  private static ScoreStep step(Path model, Map<String, String> output) {
    return step(model, output, ScoreStep.Reload.NEVER, Map.of());
  }

  private static ScoreStep step(
      Path model,
      Map<String, String> output,
      ScoreStep.Reload reload,
      Map<String, String> fallback) {
    return new ScoreStep(
            new ScoreStep.Settings(
                model.toString(),
                output,
                reload,
                fallback,
                Optional.of("scored_by"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of()))
        .named("scored");
  }
}
