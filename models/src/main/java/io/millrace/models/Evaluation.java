package io.millrace.models;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.ml.evaluation.BinaryClassificationEvaluator;
import org.apache.spark.ml.evaluation.ClusteringEvaluator;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.evaluation.RegressionEvaluator;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * Figures on scored rows that were held out. A figure that the rows do not define is left out: the
 * areas under the curves need both of two classes, the log loss probabilities and no class that
 * training lacked, the silhouette two clusters.
 */
final class Evaluation {
  private static final Set<String> SMALL_IS_GOOD = Set.of("rmse", "mae", "log_loss");

  private final Recipe recipe;
  private final Dataset<Row> scored;
  private final Set<Double> labels;
  private final Map<String, Integer> widths;

  private Evaluation(Recipe recipe, Dataset<Row> scored) {
    boolean classes = recipe.learner().task() == Task.CLASSIFICATION;
    this.recipe = recipe;
    this.scored = scored;
    this.labels = classes ? labels(scored) : Set.of();
    this.widths = classes ? widths(scored) : Map.of();
  }

  /** The figures of a task, the one that models are chosen by first. */
  static List<String> names(Task task) {
    return switch (task) {
      case CLASSIFICATION -> List.of("auc_roc", "auc_pr", "accuracy", "f1", "log_loss");
      case REGRESSION -> List.of("rmse", "mae", "r2");
      case CLUSTERING -> List.of("silhouette");
    };
  }

  /** Whether the first of two values of a figure is the better one. */
  static boolean better(String metric, double first, double second) {
    return SMALL_IS_GOOD.contains(metric) ? first < second : first > second;
  }

  /** All figures, by their names. The rows are read several times. */
  static Map<String, Double> of(Recipe recipe, Dataset<Row> scored) {
    Evaluation evaluation = new Evaluation(recipe, scored);
    Map<String, Double> metrics = new LinkedHashMap<>();
    for (String name : names(recipe.learner().task())) {
      evaluation.figure(name).ifPresent(value -> metrics.put(name, value));
    }
    return metrics;
  }

  /** One figure. */
  static Optional<Double> of(Recipe recipe, Dataset<Row> scored, String metric) {
    return new Evaluation(recipe, scored).figure(metric);
  }

  private Optional<Double> figure(String name) {
    return switch (name) {
      case "auc_roc" -> area("areaUnderROC");
      case "auc_pr" -> area("areaUnderPR");
      case "accuracy" -> Optional.of(classified().setMetricName(name).evaluate(scored));
      case "f1" -> Optional.of(f1());
      case "log_loss" -> logLoss();
      case "silhouette" -> silhouette();
      default ->
          Optional.of(
              new RegressionEvaluator()
                  .setLabelCol(Recipe.LABEL)
                  .setMetricName(name)
                  .evaluate(scored));
    };
  }

  private Optional<Double> area(String name) {
    if (width("rawPrediction") != 2 || !labels.equals(Set.of(0.0, 1.0))) {
      return Optional.empty();
    }
    return Optional.of(
        new BinaryClassificationEvaluator()
            .setLabelCol(Recipe.LABEL)
            .setMetricName(name)
            .evaluate(scored));
  }

  /** Of class 1 where there are two classes, else the mean over classes by their share. */
  private double f1() {
    boolean two = width("rawPrediction") == 2;
    return two
        ? classified().setMetricName("fMeasureByLabel").setMetricLabel(1).evaluate(scored)
        : classified().setMetricName("f1").evaluate(scored);
  }

  private Optional<Double> logLoss() {
    int classes = width("probability");
    return labels.stream().allMatch(label -> label < classes)
        ? Optional.of(classified().setMetricName("logLoss").evaluate(scored))
        : Optional.empty();
  }

  private Optional<Double> silhouette() {
    if (scored.select("prediction").distinct().count() < 2) {
      return Optional.empty();
    }
    return Optional.of(new ClusteringEvaluator().setFeaturesCol(recipe.learned()).evaluate(scored));
  }

  private MulticlassClassificationEvaluator classified() {
    return new MulticlassClassificationEvaluator().setLabelCol(Recipe.LABEL);
  }

  private static Set<Double> labels(Dataset<Row> scored) {
    return Set.copyOf(
        scored.select(Recipe.LABEL).distinct().collectAsList().stream()
            .map(row -> row.getDouble(0))
            .toList());
  }

  /** Places of the vectors that the model adds. */
  static Map<String, Integer> widths(Dataset<Row> scored) {
    Column[] vectors =
        Arrays.stream(scored.columns())
            .filter(List.of("probability", "rawPrediction")::contains)
            .map(functions::col)
            .toArray(Column[]::new);
    List<Row> first = scored.select(vectors).limit(1).collectAsList();
    Map<String, Integer> widths = new HashMap<>();
    for (Row row : first) {
      for (String name : row.schema().fieldNames()) {
        widths.put(name, row.<Vector>getAs(name).size());
      }
    }
    return widths;
  }

  private int width(String column) {
    return widths.getOrDefault(column, 0);
  }
}
