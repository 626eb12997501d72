package io.millrace.models.compiled;

import org.apache.spark.ml.regression.DecisionTreeRegressionModel;
import org.apache.spark.ml.regression.GBTRegressionModel;
import org.apache.spark.ml.regression.RandomForestRegressionModel;

/** Numbers by trees. */
final class TreeRegression {
  private TreeRegression() {}

  static RowStage tree(DecisionTreeRegressionModel model, Columns columns) throws Uncompiled {
    Flattened flat = Flattened.of(model);
    String features = model.getFeaturesCol();
    String variance = model.isDefined(model.varianceCol()) ? model.getVarianceCol() : "";
    return Together.of(
        Predicting.of(model, columns, LeafValues.predictions(flat)::one),
        Predicting.of(
            features, variance, columns, new LeafValues(flat.trees(), flat.variances())::one),
        Leaves.ofOne(features, model.getLeafCol(), columns, flat.trees()));
  }

  static RowStage forest(RandomForestRegressionModel model, Columns columns) throws Uncompiled {
    Flattened flat = Flattened.of(model.trees());
    LeafValues predictions = LeafValues.predictions(flat);
    int count = model.trees().length;
    return Together.of(
        Predicting.of(model, columns, features -> Sums.of(predictions.all(features)) / count),
        Leaves.of(model.getFeaturesCol(), model.getLeafCol(), columns, flat.trees()));
  }

  static RowStage boosted(GBTRegressionModel model, Columns columns) throws Uncompiled {
    Flattened flat = Flattened.of(model.trees());
    return Together.of(
        Predicting.of(
            model, columns, new Boosting(LeafValues.predictions(flat), model.treeWeights())),
        Leaves.of(model.getFeaturesCol(), model.getLeafCol(), columns, flat.trees()));
  }
}
