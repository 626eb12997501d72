package io.millrace.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.BatchFence;
import io.millrace.engine.spi.Failpoint;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Limit;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.RowFaults;
import io.millrace.engine.spi.Write;
import io.millrace.engine.spi.Writing;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.Sessions;
import io.millrace.models.compiled.Program;
import io.millrace.models.online.Algorithm;
import io.millrace.models.online.KMeans;
import io.millrace.models.online.LinearRegression;
import io.millrace.models.online.LogisticRegression;
import io.millrace.models.online.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.DoubleStream;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.regression.LinearRegressionModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LearnSinkTest {
  private static final Identity WHO =
      new Identity(
          "visits", "learned", "visits", UUID.fromString("00000000-0000-0000-0000-000000000001"));
  private static final Writing STOP = new Writing(Mode.APPEND, Write.APPEND);
  private static final Writing DROP =
      new Writing(Mode.APPEND, Write.APPEND, RowFaults.DROP, Limit.NONE);
  private static final Algorithm LINE = new LinearRegression(0.2, 2, 0, 0, 1, true);
  private static final int SELDOM = 100;

  static {
    // A JVM that has it when the class is loaded can be made to fail.
    System.setProperty(Failpoint.PROPERTY, "");
    assertThat(Failpoint.values()).isNotEmpty();
  }

  private final Path home = Folders.temporary("learn");

  @AfterEach
  void disarm() {
    System.getProperties().remove(Failpoint.PROPERTY);
  }

  /** Rows of a batch, in one partition, so that sums are taken in one order. */
  private static Dataset<Row> rows(long batch) {
    return Sessions.spark()
        .range(batch * 20, batch * 20 + 20, 1, 1)
        .selectExpr(
            "cast(pmod(xxhash64(id, 1), 100) as int) as age",
            "pmod(xxhash64(id, 2), 1000) / 1000d as share",
            "pmod(xxhash64(id, 3), 2) = 0 as member")
        .selectExpr(
            "age / 100d as age",
            "share",
            "member",
            "2 * age / 100 - share + 0.5 as price",
            "age > 50 as old");
  }

  private static Batch batch(long number, Dataset<Row> rows, Writing how) {
    return new Batch(WHO, how, number, rows);
  }

  private static LearnSink.Settings settings(
      Path store, Algorithm algorithm, int publishEvery, int keep, LearnSink.Start start) {
    return new LearnSink.Settings(
        store.toString(),
        algorithm,
        List.of("age", "share", "member"),
        algorithm.labelled() ? Optional.of(algorithm.binary() ? "old" : "price") : Optional.empty(),
        publishEvery,
        keep,
        start,
        5);
  }

  private static LearnSink sink(Path store, Algorithm algorithm, int publishEvery) {
    return new LearnSink(settings(store, algorithm, publishEvery, 100, LearnSink.Start.NEW));
  }

  private static BatchFence start(LearnSink sink) {
    return sink.start(Sessions.spark(), WHO, STOP);
  }

  private static void learn(LearnSink sink, int batches) {
    BatchFence fence = start(sink);
    for (long number = 0; number < batches; number++) {
      fence.write(batch(number, rows(number), STOP));
    }
  }

  private static Learned learned(Path store) {
    return LearnLedger.of(store.toString(), WHO).tip().orElseThrow().learned().orElseThrow();
  }

  private static PipelineModel load(Path store) {
    return ModelStore.open(store.toString()).load(Sessions.spark());
  }

  @Test
  void learnsEachBatchOnceHoweverOftenItComes() {
    Path calm = home.resolve("calm");
    learn(sink(calm, LINE, SELDOM), 3);
    Path troubled = home.resolve("troubled");
    LearnSink sink = sink(troubled, LINE, SELDOM);
    for (long number = 0; number < 3; number++) {
      BatchFence fence = start(sink);
      fence.write(batch(number, rows(number), STOP));
      fence.write(batch(number, rows(number + 7), STOP));
      start(sink).write(batch(number, rows(number + 7), STOP));
    }

    assertThat(start(sink).last()).isEqualTo(2);
    assertThat(learned(troubled)).isEqualTo(learned(calm));
    assertThat(learned(troubled).rows()).isEqualTo(60);
    assertThat(ModelStore.at(troubled.toString()).versions()).isEmpty();
  }

  /** Those of the features, then the intercept. */
  private static List<Object> coefficients(Path store) {
    LinearRegressionModel model = (LinearRegressionModel) last(load(store));
    List<Object> all = new ArrayList<>();
    DoubleStream.of(model.coefficients().toArray()).forEach(all::add);
    all.add(model.intercept());
    return all;
  }

  @Test
  void aVersionHasWhatWasLearnedAndHowFarOffItWasBefore() {
    Path store = home.resolve("store");
    BatchFence fence = start(sink(store, LINE, 2));
    fence.write(batch(0, rows(0), STOP));
    double error = rows(0).selectExpr("sum(price * price)").head().getDouble(0);
    List<Double> weights = learned(store).state().vectors().get(0);
    error +=
        rows(1)
            .selectExpr(
                "sum(pow(age * %s + share * %s + int(member) * %s + %s - price, 2))"
                    .formatted(
                        weights.stream().map(weight -> "double('" + weight + "')").toArray()))
            .head()
            .getDouble(0);
    fence.write(batch(1, rows(1), STOP));

    Manifest manifest = ModelStore.open(store.toString()).manifest();
    assertThat(manifest.data()).isEqualTo("batches 0 to 1 of sink learned in job visits");
    assertThat(manifest.trainingRows()).isEqualTo(40);
    assertThat(manifest.heldOutRows()).isEqualTo(40);
    assertThat(manifest.label()).isEqualTo("price");
    assertThat(manifest.task()).isEqualTo(Task.REGRESSION);
    assertThat(manifest.inputs())
        .extracting(Manifest.Field::toString)
        .containsExactly(
            "Field[name=age, type=DOUBLE, size=0]",
            "Field[name=share, type=DOUBLE, size=0]",
            "Field[name=member, type=BOOLEAN, size=0]");
    assertThat(manifest.metrics().get("rmse")).isCloseTo(Math.sqrt(error / 40), within(1e-12));
    assertThat(ModelStore.open(store.toString()).golden().orElseThrow().rows()).hasSize(20);
    assertThat(store.resolve(manifest.version()).resolve(Profile.FILE)).isNotEmptyFile();
    List<Object> told = List.copyOf(learned(store).state().vectors().get(0));
    assertThat(coefficients(store)).isEqualTo(told);
  }

  @Test
  void versionsOfAllAlgorithmsAreScoredRowByRowAsSparkDoes() throws Exception {
    List<Algorithm> all =
        List.of(
            LINE,
            new LogisticRegression(0.5, 2, 0, 0, 1, true),
            new KMeans(3, Optional.of(0.9), Optional.empty(), Optional.empty()));
    for (Algorithm algorithm : all) {
      Path store = home.resolve(algorithm.getClass().getSimpleName());
      learn(sink(store, algorithm, 1), 1);

      StoredModel stored = ModelStore.open(store.toString());
      PipelineModel model = stored.load(Sessions.spark());
      Program program =
          Program.strict(model, ModelInputs.of(stored.manifest(), rows(9).schema()).type());
      ScoreStep.Settings scoring =
          new ScoreStep.Settings(
              store.toString(),
              Map.of("told", "prediction"),
              ScoreStep.Reload.NEVER,
              Map.of(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              List.of());
      List<Row> scored =
          new ScoreStep(scoring).named("scored").apply(rows(9)).select("told").collectAsList();

      assertThat(program.column("prediction")).isPresent();
      assertThat(scored).isEqualTo(model.transform(rows(9)).select("prediction").collectAsList());
      assertThat(stored.manifest().metrics()).isNotEmpty();
    }
  }

  @Test
  void goesOnFromTheCurrentVersion() {
    Path store = home.resolve("store");
    PipelineTrainer.Settings training =
        new PipelineTrainer.Settings(
            List.of("age", "share", "member"),
            Optional.of("price"),
            List.of(new Regression.LinearRegression(100, 0, 0)),
            Optional.empty(),
            Optional.empty(),
            store.toString(),
            42);
    new PipelineTrainer(training).train("prices", rows(0));
    LinearRegressionModel trained = (LinearRegressionModel) last(load(store));

    LearnSink sink = new LearnSink(settings(store, LINE, 1, 100, LearnSink.Start.CURRENT));
    start(sink).write(batch(0, rows(1), STOP));

    assertThat(learned(store).state().vectors().get(0).get(3))
        .isCloseTo(trained.intercept(), within(1e-6));
    assertThat(ModelStore.open(store.toString()).manifest().metrics().get("rmse")).isLessThan(1e-6);
    LearnSink other =
        new LearnSink(
            settings(
                store,
                new KMeans(2, Optional.empty(), Optional.empty(), Optional.empty()),
                1,
                100,
                LearnSink.Start.CURRENT));
    assertThatThrownBy(() -> start(other).write(batch(0, rows(1), STOP)))
        .hasMessageContaining("Cannot go on learning: ")
        .hasMessageContaining(
            "has what was learned by linear-regression from age, share, member, the job says"
                + " k-means of 2 clusters from age, share, member. Put the settings back");
  }

  private static Object last(PipelineModel model) {
    return model.stages()[model.stages().length - 1];
  }

  @Test
  void rowsThatCannotBeLearnedFromStopTheJobOrAreLeftOut() {
    Path store = home.resolve("store");
    LearnSink sink = sink(store, LINE, SELDOM);
    Dataset<Row> broken =
        rows(0)
            .selectExpr(
                "if(age < 0.3, float('NaN'), age) as age",
                "if(age > 0.9, null, share) as share",
                "member",
                "if(share < 0.1, double('-Infinity'), price) as price");
    long unfit = broken.filter("isnan(age) or share is null or price < -1e300").count();
    assertThat(unfit).isBetween(2L, 19L);

    assertThatThrownBy(() -> start(sink).write(batch(0, broken, STOP)))
        .hasMessage(
            "Cannot learn from "
                + unfit
                + " rows of batch 0: they have a feature or label that is null or not a finite"
                + " number. Sort them out in a validate step, or let dead-letters: drop leave them"
                + " out");
    BatchFence fence = sink.start(Sessions.spark(), WHO, DROP);
    fence.write(batch(0, broken, DROP));

    assertThat(learned(store).rows()).isEqualTo(20 - unfit);
    assertThat(learned(store).window().unfit()).isEqualTo(unfit);
    fence.write(batch(1, rows(1).limit(0), DROP));
    assertThat(fence.last()).isEqualTo(1);
    assertThat(learned(store).window().batches()).isEqualTo(1);
  }

  @Test
  void stepsThatLeadAwayAreNotTaken() {
    Path store = home.resolve("store");
    LearnSink sink = sink(store, new LinearRegression(1, 30, 0, 0, 1, true), SELDOM);
    start(sink).write(batch(0, rows(0).limit(0), STOP));
    State before = learned(store).state();
    for (int scale : List.of(20, 1_000)) {
      Dataset<Row> large =
          rows(1).selectExpr("age * " + scale + " as age", "share", "member", "price");

      assertThatThrownBy(() -> start(sink).write(batch(1, large, STOP)))
          .hasMessageContaining("Cannot learn from batch 1: the model would be ")
          .hasMessageContaining(
              "What was learned before is kept. Scale the features in a step before, such as amount"
                  + " / 1000, or use a smaller step");
    }

    assertThat(learned(store).state()).isEqualTo(before);
    assertThat(start(sink).last()).isZero();
  }

  @Test
  void aFailureAtAnyPlaceLosesNoVersionAndDoublesNone() {
    Path calm = home.resolve("calm");
    learn(sink(calm, LINE, SELDOM), 3);
    Path store = home.resolve("store");
    LearnSink sink = sink(store, LINE, 1);
    ModelStore models = ModelStore.at(store.toString());
    BatchFence fence = start(sink);
    List<Failpoint> points =
        List.of(Failpoint.ROWS_STORED, Failpoint.COMMITTED, Failpoint.FILE_MOVED);
    for (int number = 0; number < points.size(); number++) {
      BatchFence failing = fence;
      Failpoint point = points.get(number);
      Batch batch = batch(number, rows(number), STOP);
      System.setProperty(Failpoint.PROPERTY, point.at(WHO.sink()));
      assertThatThrownBy(() -> failing.write(batch))
          .hasMessageContaining("made to fail at " + point.at(WHO.sink()));
      assertThat(models.inUse()).hasSize(number);

      fence = start(sink);
      assertThat(fence.last()).isEqualTo(point == Failpoint.ROWS_STORED ? number - 1 : number);
      fence.write(batch);
      assertThat(models.inUse()).hasSize(number + 1);
      assertThatThrownBy(() -> failing.write(batch(9, rows(9), STOP)))
          .hasMessageContaining("Cannot commit batch 9 of sink learned: fenced by epoch");
    }

    assertThat(learned(store).state()).isEqualTo(learned(calm).state());
    assertThat(models.versions()).hasSize(3).containsExactlyElementsOf(learned(store).versions());
    List<Object> told = List.copyOf(learned(calm).state().vectors().get(0));
    assertThat(coefficients(store)).isEqualTo(told);
  }

  /** As a kill leaves it while Spark writes the files of a version. */
  @Test
  void aVersionThatWasWrittenHalfIsWrittenAnew() throws IOException {
    Path store = home.resolve("store");
    LearnSink sink = sink(store, LINE, 1);
    BatchFence first = start(sink);
    System.setProperty(Failpoint.PROPERTY, Failpoint.FILE_MOVED.at(WHO.sink()));
    assertThatThrownBy(() -> first.write(batch(0, rows(0), STOP))).hasMessageContaining("made to");
    String version = learned(store).versions().get(0);
    Files.delete(store.resolve(version).resolve(ModelStore.MANIFEST));
    Files.delete(store.resolve(version).resolve(GoldenRows.NAME));

    assertThat(start(sink).last()).isZero();

    assertThat(ModelStore.at(store.toString()).current()).contains(version);
    ModelStore.open(store.toString()).verify();
    List<Object> told = List.copyOf(learned(store).state().vectors().get(0));
    assertThat(coefficients(store)).isEqualTo(told);
  }

  @Test
  void keepsSoManyVersionsAndTheOneInUse() {
    Path store = home.resolve("store");
    LearnSink sink = new LearnSink(settings(store, LINE, 1, 2, LearnSink.Start.NEW));
    BatchFence fence = start(sink);
    for (long number = 0; number < 3; number++) {
      fence.write(batch(number, rows(number), STOP));
    }
    ModelStore models = ModelStore.at(store.toString());
    List<String> kept = models.versions();
    assertThat(kept).hasSize(2);
    assertThat(models.inUse()).containsExactly(kept.get(1), kept.get(0));

    models.rollback();
    start(sink);
    assertThat(models.current()).as("a start does not undo a rollback").contains(kept.get(0));
  }

  @Test
  void tellsAllThatIsWrongWithItsSettingsAndRows() {
    assertThatThrownBy(
            () ->
                new LearnSink.Settings(
                    "m", LINE, List.of("a", "a"), Optional.empty(), 0, 1, LearnSink.Start.NEW, 1))
        .hasMessage(
            "Cannot use a column twice in features: a, a. Missing label. Name the column that the"
                + " model learns to tell. Expected publish-every of 1 or more, found 0. Expected"
                + " keep of 2 or more, found 1");
    LearnSink sink = sink(home, LINE, 1);
    assertThatThrownBy(
            () ->
                sink.check(
                    Sessions.spark(), STOP, StructType.fromDDL("age string, price double, x int")))
        .hasMessage(
            "Cannot learn from these rows: age is string, no number or boolean; share is missing;"
                + " member is missing. Add and cast columns in a step before");
    assertThatThrownBy(() -> sink.guarantee(new Writing(Mode.UPDATE, Write.APPEND)))
        .hasMessageContaining("Cannot learn from a result that changes");
    assertThat(sink.guarantee(STOP)).isEqualTo(Guarantee.EXACTLY_ONCE);
    assertThat(sink(Path.of("s3a:/bucket/models"), LINE, 1).guarantee(STOP))
        .isEqualTo(Guarantee.AT_LEAST_ONCE);
  }
}
