package io.millrace.models;

import static org.apache.spark.sql.functions.col;

import io.millrace.models.report.Plot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
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
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/**
 * How much a model makes of its features: what trees say of themselves, of other models how much
 * worse they are when a column of some held-out rows is shuffled.
 */
final class Importance {
  /** The features that are shown. */
  static final int MOST = 20;

  /** The rows that are shuffled. */
  static final int SAMPLE = 1_000;

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
    List<String> names = new ArrayList<>(recipe.inputs());
    names.add(Recipe.LABEL);
    Dataset<Row> needed =
        heldOut.select(names.stream().map(name -> col(Words.quoted(name))).toArray(Column[]::new));
    List<Row> rows = needed.orderBy(TrainingTable.hash(needed, seed)).limit(SAMPLE).collectAsList();
    Shuffling shuffling = new Shuffling(recipe, model, needed, rows);
    return shuffling
        .figure(rows)
        .map(
            whole ->
                plot(
                    "Importance of the inputs",
                    "Loss of " + shuffling.metric() + " where a column is shuffled",
                    recipe.inputs().stream()
                        .limit(COLUMNS)
                        .map(input -> shuffling.loss(input, whole, seed))
                        .flatMap(Optional::stream)
                        .toList()));
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

  /** Rows that are scored again and again, each time with another column shuffled. */
  private record Shuffling(
      Recipe recipe, PipelineModel model, Dataset<Row> heldOut, List<Row> rows) {
    String metric() {
      return switch (recipe.learner().task()) {
        case CLASSIFICATION -> "f1";
        case REGRESSION, CLUSTERING -> "r2";
      };
    }

    Optional<Double> figure(List<Row> changed) {
      Dataset<Row> frame = heldOut.sparkSession().createDataFrame(changed, heldOut.schema());
      Dataset<Row> scored = model.transform(frame);
      return Evaluation.of(recipe, scored, metric());
    }

    Optional<Plot.Bar> loss(String input, double whole, long seed) {
      int place = Arrays.asList(heldOut.columns()).indexOf(input);
      return figure(shuffled(place, seed)).map(other -> new Plot.Bar(input, whole - other));
    }

    private List<Row> shuffled(int place, long seed) {
      List<Object> values = new ArrayList<>();
      rows.forEach(row -> values.add(row.get(place)));
      Collections.shuffle(values, new Random(seed));
      List<Row> changed = new ArrayList<>();
      for (int i = 0; i < rows.size(); i++) {
        Object[] cells = new Object[rows.get(i).size()];
        for (int j = 0; j < cells.length; j++) {
          cells[j] = j == place ? values.get(i) : rows.get(i).get(j);
        }
        changed.add(RowFactory.create(cells));
      }
      return changed;
    }
  }
}
