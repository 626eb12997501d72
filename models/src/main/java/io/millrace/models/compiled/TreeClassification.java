package io.millrace.models.compiled;

import org.apache.spark.ml.classification.DecisionTreeClassificationModel;
import org.apache.spark.ml.classification.GBTClassificationModel;
import org.apache.spark.ml.classification.RandomForestClassificationModel;

/** Classes by trees. */
final class TreeClassification {
  private TreeClassification() {}

  static RowStage tree(DecisionTreeClassificationModel model, Columns columns) throws Uncompiled {
    Flattened flat = Flattened.of(model);
    Classifier classifier =
        new TreeCounts(
            LeafValues.predictions(flat), model.numClasses(), flat.counts(), Thresholds.of(model));
    return Together.of(
        Classifying.of(model, columns, classifier),
        Leaves.ofOne(model.getFeaturesCol(), model.getLeafCol(), columns, flat.trees()));
  }

  static RowStage forest(RandomForestClassificationModel model, Columns columns) throws Uncompiled {
    Flattened flat = Flattened.of(model.trees());
    Classifier classifier =
        new ForestVotes(flat.trees(), model.numClasses(), flat.shares(), Thresholds.of(model));
    return Together.of(
        Classifying.of(model, columns, classifier),
        Leaves.of(model.getFeaturesCol(), model.getLeafCol(), columns, flat.trees()));
  }

  static RowStage boosted(GBTClassificationModel model, Columns columns) throws Uncompiled {
    Flattened flat = Flattened.of(model.trees());
    Classifier classifier =
        new BoostedClasses(
            new Boosting(LeafValues.predictions(flat), model.treeWeights()), Thresholds.of(model));
    return Together.of(
        Classifying.of(model, columns, classifier),
        Leaves.of(model.getFeaturesCol(), model.getLeafCol(), columns, flat.trees()));
  }
}
