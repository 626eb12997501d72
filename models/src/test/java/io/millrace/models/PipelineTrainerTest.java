package io.millrace.models;

import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Trainer;
import io.millrace.engine.testing.Folders;
import io.millrace.models.compiled.Program;
import io.millrace.models.compiled.Scorer;
import io.millrace.models.compiled.Slot;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.catalyst.InternalRow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PipelineTrainerTest {
  private final Path store = Folders.temporary("store");

  @Test
  void learnsWhatTheRowsShow() {
    Map<String, Double> metrics = Clicks.forest().manifest().metrics();

    assertThat(metrics).containsOnlyKeys("auc_roc", "auc_pr", "accuracy", "f1", "log_loss");
    assertThat(metrics.get("auc_roc")).isBetween(0.85, 1.0);
    assertThat(metrics.get("accuracy")).isBetween(0.85, 1.0);
    assertThat(metrics.get("log_loss")).isLessThan(0.5);
  }

  @Test
  void writesDownWhatTheModelNeedsAndGives() {
    Manifest manifest = Clicks.forest().manifest();

    assertThat(manifest.model()).isEqualTo("click_fraud");
    assertThat(manifest.task()).isEqualTo(Task.CLASSIFICATION);
    assertThat(manifest.label()).isEqualTo("is_fraud");
    assertThat(manifest.inputs())
        .containsExactly(
            new Manifest.Field("hour", "INT", 0),
            new Manifest.Field("device", "STRING", 0),
            new Manifest.Field("dwell_ms", "BIGINT", 0));
    assertThat(manifest.outputs())
        .containsExactly(
            new Manifest.Field("prediction", "DOUBLE", 0),
            new Manifest.Field("probability", "vector", 2),
            new Manifest.Field("rawPrediction", "vector", 2));
    assertThat(manifest.trainingRows() + manifest.heldOutRows()).isEqualTo(Clicks.COUNT);
    assertThat(manifest.heldOutRows()).isBetween(80L, 160L);
    assertThat(manifest.incompleteRows()).isZero();
  }

  @Test
  void givesTheSameModelForTheSameSeed() {
    List<Row> first = predictions(fitted(Clicks.FOREST, 7));

    assertThat(predictions(fitted(Clicks.FOREST, 7))).isEqualTo(first);
    assertThat(predictions(fitted(Clicks.FOREST, 8))).isNotEqualTo(first);
  }

  private static List<Row> predictions(PipelineModel model) {
    return model.transform(Clicks.rows()).select("id", "probability").orderBy("id").collectAsList();
  }

  /** The pipeline of a learner, fitted to all clicks that are not held out. */
  private static PipelineModel fitted(Learner learner, long seed) {
    boolean labelled = learner.task() != Task.CLUSTERING;
    Recipe recipe =
        Recipe.of(
            List.of("hour", "device", "dwell_ms"),
            List.of(Clicks.DEVICE, learner),
            labelled ? Optional.of("is_fraud") : Optional.empty());
    Split split = new Split(Optional.empty(), "20%", Optional.empty());
    try (TrainingTable table = TrainingTable.of(Clicks.rows(), recipe, split, seed)) {
      Dataset<Row> rows = table.training();
      PipelineModel prepared = Pipelines.prepare(recipe, rows);
      PipelineModel learned =
          Pipelines.learn(recipe, Pipelines.complete(recipe, prepared, rows), seed);
      return Pipelines.joined(List.of(prepared, learned), rows);
    }
  }

  @Test
  void learnsANumber() {
    Trainer.Trained trained =
        new PipelineTrainer(
                Clicks.settings(
                    store,
                    List.of(
                        Clicks.DEVICE,
                        new ScalarStage.OneHotEncoder(
                            "device_index", "device_vector", true, Stage.Invalid.KEEP),
                        new Regression.LinearRegression(50, 0.0, 0.0)),
                    Optional.of("price"),
                    42))
            .train("price", Clicks.rows());

    assertThat(trained.metrics()).containsOnlyKeys("rmse", "mae", "r2");
    assertThat(trained.metrics().get("r2")).isGreaterThan(0.99);
    assertThat(trained.metrics().get("rmse")).isLessThan(30.0);
  }

  @Test
  void findsClustersWithoutALabel() {
    Dataset<Row> rows =
        Clicks.rows().selectExpr("click_id", "id % 3 * 100 + hour as hour", "dwell_ms", "device");
    Trainer.Trained trained =
        new PipelineTrainer(
                new PipelineTrainer.Settings(
                    List.of("hour"),
                    Optional.empty(),
                    List.of(
                        new VectorStage.StandardScaler(true, true),
                        new VectorStage.MinMaxScaler(0, 1),
                        new Clustering.KMeans(3, 20)),
                    Optional.empty(),
                    Optional.empty(),
                    store.toString(),
                    42))
            .train("groups", rows);

    assertThat(trained.metrics()).containsOnlyKeys("silhouette");
    assertThat(trained.metrics().get("silhouette")).isGreaterThan(0.9);
    assertThat(manifest(trained).label()).isNull();
  }

  @Test
  void leavesRowsOutThatLackAFeature() {
    Dataset<Row> rows =
        Clicks.rows()
            .selectExpr(
                "click_id",
                "clicked_at",
                "hour",
                "nullif(device, 'tablet') as device",
                "if(id % 10 = 0, null, dwell_ms) as dwell_ms",
                "is_fraud");
    Manifest manifest =
        manifest(new PipelineTrainer(Clicks.settings(store)).train("click_fraud", rows));

    assertThat(manifest.incompleteRows()).isEqualTo(Clicks.COUNT / 10);
    assertThat(manifest.trainingRows() + manifest.heldOutRows())
        .isEqualTo(Clicks.COUNT - Clicks.COUNT / 10);
  }

  static Stream<Stage> learners() {
    return Stream.of(
        new Classifier.LogisticRegression(5, 0.1, 0.5),
        new Classifier.NaiveBayes(Classifier.NaiveBayes.Type.GAUSSIAN, 1.0),
        new Classifier.DecisionTree(3, 32, 1),
        new Classifier.LinearSvm(5, 0.1),
        new Classifier.MultilayerPerceptron(List.of(4), 5, 1e-6),
        new Classifier.GradientBoostedTrees(2, 2, 32, 1, 0.1, 1.0),
        new Regression.DecisionTreeRegression(3, 32, 1),
        new Regression.GeneralizedLinearRegression(
            Regression.GeneralizedLinearRegression.Family.BINOMIAL,
            Optional.empty(),
            Optional.empty(),
            5,
            0.1),
        new Regression.RandomForestRegression(2, 3, 32, 1, 1.0),
        new Regression.GradientBoostedTreesRegression(2, 2, 32, 1, 0.1, 1.0),
        new Custom.Stage(
            "org.apache.spark.ml.classification.FMClassifier",
            Map.of("maxIter", "3", "factorSize", "2"),
            List.of(),
            List.of(),
            Optional.empty()),
        new Clustering.BisectingKMeans(3, 5),
        new Clustering.GaussianMixture(2, 5));
  }

  /** What is fitted is scored row by row as Spark scores it. */
  @ParameterizedTest
  @MethodSource("learners")
  void fitsEveryLearner(Learner learner) throws Exception {
    PipelineModel model = fitted(learner, 42);
    Dataset<Row> rows = Clicks.rows().limit(50).coalesce(1);
    Scorer scorer = Program.strict(model, rows.schema()).open();
    Slot prediction = Program.strict(model, rows.schema()).column("prediction").orElseThrow();
    List<Double> found = new ArrayList<>();
    for (InternalRow row : rows.queryExecution().executedPlan().executeCollect()) {
      assertThat(scorer.score(row)).isTrue();
      found.add(scorer.cells().number(prediction));
    }

    assertThat(found)
        .hasSize(50)
        .isEqualTo(
            model.transform(rows).select("prediction").collectAsList().stream()
                .map(row -> ((Number) row.get(0)).doubleValue())
                .toList());
  }

  @Test
  void trainsAndScoresBehindEverySortOfStage() {
    Learner learner = new Classifier.LogisticRegression(5, 0.1, 0.5);
    trainsAndScores(
        List.of(
            Clicks.DEVICE,
            new ScalarStage.Imputer("hour", "hour_filled", ScalarStage.Imputer.Strategy.MEDIAN),
            new ScalarStage.Bucketizer("hour_filled", "day_part", List.of(6.0, 18.0)),
            new VectorStage.RobustScaler(0.25, 0.75, true),
            new VectorStage.Pca(2),
            learner),
        learner.task());
  }

  @Test
  void learnsFromText() {
    Dataset<Row> rows =
        Clicks.rows()
            .selectExpr(
                "*",
                "if(id % 50 = 7, null, concat('A ', device, if(is_fraud, ' wins big', ' reads on')))"
                    + " as message");
    List<Stage> pipeline =
        List.of(
            new TextStage.Tokenizer("message", "words"),
            new TextStage.NGram("words", "pairs", 2),
            new TextStage.HashingTf("words", "word_counts", 64, false),
            new TextStage.HashingTf("pairs", "pair_counts", 64, true),
            new TextStage.Idf("word_counts", "word_weights", 1),
            new ScalarStage.QuantileDiscretizer("dwell_ms", "dwell", 4),
            new Classifier.NaiveBayes(Classifier.NaiveBayes.Type.MULTINOMIAL, 1.0));
    Trainer.Trained trained =
        new PipelineTrainer(
                new PipelineTrainer.Settings(
                    List.of("message", "dwell_ms"),
                    Optional.of("is_fraud"),
                    pipeline,
                    Optional.empty(),
                    Optional.empty(),
                    store.toString(),
                    42))
            .train("messages", rows);

    assertThat(trained.metrics().get("accuracy")).isEqualTo(1.0);
    assertThat(manifest(trained).inputs())
        .extracting(Manifest.Field::name)
        .containsExactly("message", "dwell_ms");
    assertThat(manifest(trained).incompleteRows()).isEqualTo(Clicks.COUNT / 50);
  }

  @Test
  void takesStagesByTheirClass() {
    List<Stage> pipeline =
        List.of(
            Clicks.DEVICE,
            stage(
                "org.apache.spark.ml.feature.VectorAssembler",
                Map.of(
                    "inputCols", "hour, device_index",
                    "outputCol", "pair",
                    "handleInvalid", "keep"),
                List.of(),
                List.of()),
            stage("org.apache.spark.ml.feature.Normalizer", Map.of("p", "1"), List.of(), List.of()),
            stage(
                "org.apache.spark.ml.feature.UnivariateFeatureSelector",
                Map.of(
                    "featureType",
                    "continuous",
                    "labelType",
                    "categorical",
                    "selectionThreshold",
                    "2"),
                List.of(),
                List.of()),
            stage(
                "org.apache.spark.ml.classification.LogisticRegression",
                Map.of("maxIter", "5"),
                List.of(),
                List.of()));

    trainsAndScores(pipeline, Task.CLASSIFICATION);
  }

  @Test
  void saysWhatAStageCannotRead() {
    refuses(
        Clicks.rows(),
        Clicks.settings(
            store,
            List.of(new TextStage.HashingTf("device", "counts", 16, false), Clicks.FOREST),
            Optional.of("is_fraud"),
            42),
        "Cannot put the stages together: The input column must be");
  }

  private static Custom.Stage stage(
      String name, Map<String, String> params, List<String> reads, List<String> writes) {
    return new Custom.Stage(name, params, reads, writes, Optional.empty());
  }

  private void trainsAndScores(List<Stage> pipeline, Task task) {
    Optional<String> label = task == Task.CLUSTERING ? Optional.empty() : Optional.of("is_fraud");
    Trainer.Trained trained =
        new PipelineTrainer(Clicks.settings(store, pipeline, label, 42))
            .train("any", Clicks.rows());

    assertThat(trained.metrics().values()).isNotEmpty().allMatch(Double::isFinite);
    ScoreStep step = ScoreStepTest.step(store, "verdict", "prediction");
    Dataset<Row> incomplete =
        Clicks.rows().limit(5).withColumn("dwell_ms", lit(null).cast("bigint"));
    assertThat(
            step.apply(Clicks.rows().unionByName(incomplete))
                .groupBy(expr("verdict is null"), expr("dwell_ms is null"))
                .count()
                .collectAsList())
        .containsExactlyInAnyOrder(
            RowFactory.create(false, false, (long) Clicks.COUNT),
            RowFactory.create(true, true, 5L));
  }

  @Test
  void namesEveryColumnThatIsNotThere() {
    refuses(
        Clicks.rows().drop("hour", "is_fraud"),
        Clicks.settings(store),
        "Cannot find hour, is_fraud in the rows to learn from, which have click_id, clicked_at, id,"
            + " device, dwell_ms, wrong, price");
  }

  @Test
  void refusesTextThatNoStageNumbers() {
    refuses(
        Clicks.rows(),
        Clicks.settings(store, List.of(Clicks.FOREST), Optional.of("is_fraud"), 42),
        "Cannot learn from device, which is string. Needs a number or a boolean; a string-indexer"
            + " turns it into one");
  }

  @Test
  void refusesLabelsThatCannotBeLearned() {
    PipelineTrainer.Settings settings = Clicks.settings(store);
    refuses(
        Clicks.rows().selectExpr("* except (is_fraud)", "device as is_fraud"),
        settings,
        "Cannot learn the label is_fraud, which is string. Needs a number or a boolean; number its"
            + " values in a step");
    refuses(
        Clicks.rows()
            .selectExpr("* except (is_fraud)", "nullif(is_fraud, true) as is_fraud")
            .limit(50),
        settings,
        "Cannot learn the label is_fraud: it is null in ");
    refuses(
        Clicks.rows().filter("is_fraud"),
        settings,
        "Needs at least two classes in the label is_fraud, found only 1 in the rows to learn from");
    refuses(
        Clicks.rows().selectExpr("* except (is_fraud)", "hour / 2 as is_fraud"),
        settings,
        "Expected classes 0, 1, 2 and so on in the label is_fraud, found values from 0.0 to 11.5."
            + " Number them in a step, or use a regression");
    refuses(
        Clicks.rows().selectExpr("* except (is_fraud)", "id % 3 as is_fraud"),
        Clicks.settings(
            store,
            List.of(Clicks.DEVICE, new Classifier.GradientBoostedTrees(2, 2, 32, 1, 0.1, 1.0)),
            Optional.of("is_fraud"),
            42),
        "Cannot tell more than two classes with gradient-boosted-trees, found classes up to 2 in the"
            + " label is_fraud. A random-forest can");
  }

  @Test
  void refusesATableWithoutRows() {
    refuses(
        Clicks.rows().filter("false"),
        Clicks.settings(
            store,
            List.of(
                new ScalarStage.Bucketizer("hour", "part", List.of(12.0)),
                Clicks.DEVICE,
                Clicks.FOREST),
            Optional.of("is_fraud"),
            42),
        "Needs rows to learn from, found none");
  }

  @Test
  void storesNothingWhereTrainingFails() {
    refuses(Clicks.rows().filter("is_fraud"), Clicks.settings(store), "Needs at least two classes");

    assertThat(ModelStore.at(store.toString()).current()).isEmpty();
  }

  private static void refuses(
      Dataset<Row> rows, PipelineTrainer.Settings settings, String message) {
    assertThatThrownBy(() -> new PipelineTrainer(settings).train("click_fraud", rows))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }

  private static Manifest manifest(Trainer.Trained trained) {
    return ModelStore.open(trained.path()).manifest();
  }
}
