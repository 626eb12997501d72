package io.millrace.models;

import static org.apache.spark.sql.functions.col;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.evaluation.BinaryClassificationEvaluator;
import org.apache.spark.ml.evaluation.ClusteringEvaluator;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.evaluation.RegressionEvaluator;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Figures on scored rows that were held out. A figure that the rows do not define is left out: the
 * areas under the curves need both of two classes, the log loss no class that training lacked, the
 * silhouette two clusters.
 */
final class Evaluation {
  private Evaluation() {}

  /** Name to figure. */
  static Map<String, Double> of(Recipe recipe, Dataset<Row> scored) {
    Dataset<Row> kept = scored.cache();
    try {
      return switch (recipe.learner().task()) {
        case CLASSIFICATION -> classification(kept);
        case REGRESSION -> regression(kept);
        case CLUSTERING -> clustering(recipe, kept);
      };
    } finally {
      kept.unpersist();
    }
  }

  private static Map<String, Double> classification(Dataset<Row> scored) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    Row first = scored.select("probability").head();
    int classes = first.<Vector>getAs(0).size();
    List<Double> labels =
        scored.select(Recipe.LABEL).distinct().collectAsList().stream()
            .map(row -> row.getDouble(0))
            .toList();
    boolean known = labels.stream().allMatch(label -> label < classes);
    if (classes == 2 && known && labels.size() == 2) {
      metrics.put("auc_roc", area(scored, "areaUnderROC"));
      metrics.put("auc_pr", area(scored, "areaUnderPR"));
    }
    MulticlassClassificationEvaluator evaluator =
        new MulticlassClassificationEvaluator().setLabelCol(Recipe.LABEL);
    metrics.put("accuracy", evaluator.setMetricName("accuracy").evaluate(scored));
    metrics.put("f1", f1(evaluator, scored, classes));
    if (known) {
      metrics.put("log_loss", evaluator.setMetricName("logLoss").evaluate(scored));
    }
    return metrics;
  }

  private static double area(Dataset<Row> scored, String name) {
    return new BinaryClassificationEvaluator()
        .setLabelCol(Recipe.LABEL)
        .setMetricName(name)
        .evaluate(scored);
  }

  /** Of class 1 where there are two classes, else the mean over classes by their share. */
  private static double f1(
      MulticlassClassificationEvaluator evaluator, Dataset<Row> scored, int classes) {
    return classes == 2
        ? evaluator.setMetricName("fMeasureByLabel").setMetricLabel(1).evaluate(scored)
        : evaluator.setMetricName("f1").evaluate(scored);
  }

  private static Map<String, Double> regression(Dataset<Row> scored) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    RegressionEvaluator evaluator = new RegressionEvaluator().setLabelCol(Recipe.LABEL);
    for (String name : List.of("rmse", "mae", "r2")) {
      metrics.put(name, evaluator.setMetricName(name).evaluate(scored));
    }
    return metrics;
  }

  private static Map<String, Double> clustering(Recipe recipe, Dataset<Row> scored) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    if (scored.select(col("prediction")).distinct().count() > 1) {
      metrics.put(
          "silhouette",
          new ClusteringEvaluator().setFeaturesCol(recipe.learned()).evaluate(scored));
    }
    return metrics;
  }
}
