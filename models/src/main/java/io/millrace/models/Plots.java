package io.millrace.models;

import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;

import io.millrace.models.report.Plot;
import io.millrace.models.report.Point;
import io.millrace.models.report.Range;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.ml.functions;
import org.apache.spark.mllib.evaluation.BinaryClassificationMetrics;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import scala.Tuple2;

/** What is to be seen of rows that were held out and scored. */
final class Plots {
  private static final int POINTS = 200;
  private static final int DOTS = 1_000;
  private static final int BINS = 10;
  private static final int CLASSES = 12;

  private Plots() {}

  static List<Plot> of(Recipe recipe, Dataset<Row> scored, long seed) {
    return switch (recipe.learner().task()) {
      case CLASSIFICATION -> classification(scored);
      case REGRESSION -> regression(scored, seed);
      case CLUSTERING -> List.of(clusters(scored));
    };
  }

  private static List<Plot> classification(Dataset<Row> scored) {
    List<Plot> plots = new ArrayList<>();
    List<Double> classes = classes(scored);
    Map<String, Integer> widths = Evaluation.widths(scored);
    if (widths.getOrDefault("rawPrediction", 0) == 2 && classes.size() == 2) {
      boolean probable = widths.containsKey("probability");
      Column score = place(probable ? "probability" : "rawPrediction", 1);
      plots.addAll(curves(scored.select(score, col(Recipe.LABEL))));
      if (probable) {
        plots.add(calibration(scored, score));
      }
    }
    if (classes.size() <= CLASSES) {
      plots.add(confusion(scored, classes));
    }
    return plots;
  }

  private static List<Plot> curves(Dataset<Row> scores) {
    JavaRDD<Tuple2<Object, Object>> pairs =
        scores.javaRDD().map(row -> new Tuple2<>(row.getDouble(0), row.getDouble(1)));
    BinaryClassificationMetrics metrics = new BinaryClassificationMetrics(pairs.rdd(), POINTS);
    try {
      List<Point> diagonal = List.of(new Point(0, 0), new Point(1, 1));
      return List.of(
          new Plot.Curves(
              "roc",
              "ROC: how many are caught for how many false alarms",
              "False positive rate",
              "True positive rate",
              Range.unit(),
              Range.unit(),
              List.of(
                  new Plot.Curve(Plot.Style.REFERENCE, diagonal),
                  new Plot.Curve(Plot.Style.LINE, points(metrics.roc())))),
          new Plot.Curves(
              "precision-recall",
              "Precision and recall",
              "Recall",
              "Precision",
              Range.unit(),
              Range.unit(),
              List.of(new Plot.Curve(Plot.Style.LINE, points(metrics.pr())))));
    } finally {
      metrics.unpersist();
    }
  }

  private static List<Point> points(RDD<Tuple2<Object, Object>> curve) {
    return curve.toJavaRDD().collect().stream()
        .map(pair -> new Point((Double) pair._1(), (Double) pair._2()))
        .toList();
  }

  /** How often class 1 comes where a probability of it is told: on the diagonal, as often. */
  private static Plot calibration(Dataset<Row> scored, Column score) {
    List<Point> bins =
        scored
            .groupBy(least(floor(score.multiply(BINS)), lit(BINS - 1)).as("bin"))
            .agg(avg(score), avg(col(Recipe.LABEL)))
            .orderBy("bin")
            .collectAsList()
            .stream()
            .map(row -> new Point(row.getDouble(1), row.getDouble(2)))
            .toList();
    return new Plot.Curves(
        "calibration",
        "Calibration: what is told and what comes true",
        "Mean probability told",
        "Share of class 1",
        Range.unit(),
        Range.unit(),
        List.of(
            new Plot.Curve(Plot.Style.REFERENCE, List.of(new Point(0, 0), new Point(1, 1))),
            new Plot.Curve(Plot.Style.LINE_AND_DOTS, bins)));
  }

  private static Plot confusion(Dataset<Row> scored, List<Double> classes) {
    long[][] counts = new long[classes.size()][classes.size()];
    for (Row row : scored.groupBy(Recipe.LABEL, "prediction").count().collectAsList()) {
      counts[classes.indexOf(row.getDouble(0))][classes.indexOf(row.getDouble(1))] = row.getLong(2);
    }
    return new Plot.Matrix(
        "confusion",
        "Confusion: what it was and what it was taken for",
        classes.stream().map(each -> Long.toString(each.longValue())).toList(),
        Arrays.stream(counts).map(each -> Arrays.stream(each).boxed().toList()).toList());
  }

  private static List<Plot> regression(Dataset<Row> scored, long seed) {
    Dataset<Row> pairs =
        scored.select(col("prediction").cast("double").as("prediction"), col(Recipe.LABEL));
    List<Row> drawn = pairs.orderBy(TrainingTable.hash(pairs, seed)).limit(DOTS).collectAsList();
    List<Point> told =
        drawn.stream().map(row -> new Point(row.getDouble(0), row.getDouble(1))).toList();
    List<Point> residuals =
        told.stream().map(point -> new Point(point.x(), point.y() - point.x())).toList();
    Range all =
        Range.around(
            told.stream().flatMap(point -> Stream.of(point.x(), point.y())).mapToDouble(x -> x));
    Range predicted = Range.around(told.stream().mapToDouble(Point::x));
    return List.of(
        new Plot.Curves(
            "residuals",
            "Residuals: how far off",
            "Predicted",
            "Actual minus predicted",
            predicted,
            Range.around(residuals.stream().mapToDouble(Point::y)),
            List.of(
                new Plot.Curve(
                    Plot.Style.REFERENCE,
                    List.of(new Point(predicted.least(), 0), new Point(predicted.most(), 0))),
                new Plot.Curve(Plot.Style.DOTS, residuals))),
        new Plot.Curves(
            "predicted",
            "Predicted and actual",
            "Predicted",
            "Actual",
            all,
            all,
            List.of(
                new Plot.Curve(
                    Plot.Style.REFERENCE,
                    List.of(
                        new Point(all.least(), all.least()), new Point(all.most(), all.most()))),
                new Plot.Curve(Plot.Style.DOTS, told))));
  }

  private static Plot clusters(Dataset<Row> scored) {
    List<Plot.Bar> bars =
        scored
            .groupBy(col("prediction").cast("bigint").as("cluster"))
            .agg(count(lit(1)))
            .orderBy("cluster")
            .limit(CLASSES)
            .collectAsList()
            .stream()
            .map(row -> new Plot.Bar("cluster " + row.getLong(0), (double) row.getLong(1)))
            .toList();
    return new Plot.Bars("clusters", "Rows in each cluster", "Rows", bars);
  }

  private static List<Double> classes(Dataset<Row> scored) {
    return scored
        .select(col(Recipe.LABEL).as("class"))
        .union(scored.select(col("prediction").as("class")))
        .distinct()
        .orderBy("class")
        .collectAsList()
        .stream()
        .map(row -> row.getDouble(0))
        .toList();
  }

  private static Column place(String vector, int place) {
    return functions.vector_to_array(col(vector), "float64").getItem(place);
  }
}
