package io.millrace.models;

import io.millrace.models.report.Plot;
import io.millrace.models.report.Point;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.DoubleStream;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.attribute.Attribute;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.classification.DecisionTreeClassificationModel;
import org.apache.spark.ml.classification.GBTClassificationModel;
import org.apache.spark.ml.classification.RandomForestClassificationModel;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.regression.DecisionTreeRegressionModel;
import org.apache.spark.ml.regression.GBTRegressionModel;
import org.apache.spark.ml.regression.RandomForestRegressionModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * How much a model makes of its features: what trees say of themselves, of other models how much
 * worse they are when a column of some held-out rows is shuffled.
 */
final class Importance {
  /** The features that are shown. */
  static final int MOST = 20;

  /** The columns that are shuffled, one after the other. */
  static final int COLUMNS = 50;

  private Importance() {}

  /**
   * What trees say of themselves; empty of other models.
   *
   * @param assembled the columns of rows with the vector of all features
   */
  static Optional<Plot> own(Recipe recipe, PipelineModel learned, StructType assembled) {
    Transformer[] stages = learned.stages();
    return weights(stages[stages.length - 1])
        .map(
            weights -> {
              List<String> names = names(recipe, assembled, weights.size());
              List<Plot.Bar> bars = new ArrayList<>();
              SparseVector active = weights.toSparse();
              for (int i = 0; i < active.indices().length; i++) {
                bars.add(new Plot.Bar(names.get(active.indices()[i]), active.values()[i]));
              }
              return plot("Feature importance", "Share of what the trees' splits gain", bars);
            });
  }

  /**
   * How much worse the model gets by shuffling each of its inputs.
   *
   * @param heldOut complete rows
   */
  static Optional<Plot> shuffled(
      Recipe recipe, PipelineModel model, Dataset<Row> heldOut, long seed) {
    if (recipe.label().isEmpty()) {
      return Optional.empty();
    }
    Task task = recipe.learner().task();
    List<String> inputs = recipe.inputs().stream().limit(COLUMNS).toList();
    Map<String, List<Point>> told = Shuffled.scored(recipe, inputs, model, heldOut, seed);
    double whole = figure(task, told.getOrDefault("", List.of()));
    List<Plot.Bar> bars =
        inputs.stream()
            .map(
                input ->
                    new Plot.Bar(input, whole - figure(task, told.getOrDefault(input, List.of()))))
            .toList();
    String name = task == Task.CLASSIFICATION ? "F1 (mean over the classes)" : "r2";
    return Optional.of(
        plot("Importance of the inputs", "Loss of " + name + " where a column is shuffled", bars));
  }

  /** The figure of labels (x) and predictions (y). */
  private static double figure(Task task, List<Point> told) {
    return task == Task.CLASSIFICATION ? f1(told) : r2(told);
  }

  private static double f1(List<Point> told) {
    double[] classes = told.stream().mapToDouble(Point::x).distinct().toArray();
    return DoubleStream.of(classes)
        .map(
            label -> {
              double right = count(told, point -> point.x() == label && point.y() == label);
              double either = count(told, point -> point.x() == label || point.y() == label);
              return 2 * right / (either + right);
            })
        .average()
        .orElse(0);
  }

  private static double count(List<Point> told, Predicate<Point> which) {
    return (double) told.stream().filter(which).count();
  }

  private static double r2(List<Point> told) {
    double mean = told.stream().mapToDouble(Point::x).average().orElse(0);
    double all = told.stream().mapToDouble(point -> square(point.x() - mean)).sum();
    double left = told.stream().mapToDouble(point -> square(point.x() - point.y())).sum();
    return all == 0 ? 0 : 1 - left / all;
  }

  private static double square(double value) {
    return value * value;
  }

  private static Plot plot(String title, String across, List<Plot.Bar> bars) {
    return new Plot.Bars(
        "importance",
        title,
        across,
        bars.stream()
            .sorted(Comparator.comparingDouble(Plot.Bar::value).reversed())
            .limit(MOST)
            .toList());
  }

  private static Optional<Vector> weights(Transformer model) {
    if (model instanceof DecisionTreeClassificationModel tree) {
      return Optional.of(tree.featureImportances());
    }
    if (model instanceof RandomForestClassificationModel forest) {
      return Optional.of(forest.featureImportances());
    }
    if (model instanceof GBTClassificationModel trees) {
      return Optional.of(trees.featureImportances());
    }
    if (model instanceof DecisionTreeRegressionModel tree) {
      return Optional.of(tree.featureImportances());
    }
    if (model instanceof RandomForestRegressionModel forest) {
      return Optional.of(forest.featureImportances());
    }
    return model instanceof GBTRegressionModel trees
        ? Optional.of(trees.featureImportances())
        : Optional.empty();
  }

  /**
   * Names of the places of the vector; scalers keep them, other stages make places of their own.
   */
  private static List<String> names(Recipe recipe, StructType assembled, int size) {
    AttributeGroup group = AttributeGroup.fromStructField(assembled.apply(Recipe.ASSEMBLED));
    boolean kept = recipe.vectors().stream().noneMatch(Importance::moves);
    List<String> names = new ArrayList<>();
    Attribute[] attributes =
        kept && group.attributes().isDefined() ? group.attributes().get() : new Attribute[0];
    for (int i = 0; i < size; i++) {
      boolean named = attributes.length == size && attributes[i].name().isDefined();
      names.add(named ? attributes[i].name().get() : (kept ? "feature " : "component ") + i);
    }
    return names;
  }

  private static boolean moves(VectorStage stage) {
    return stage instanceof VectorStage.Pca || stage instanceof Custom.Stage;
  }
}
