package io.millrace.models.compiled;

import org.apache.spark.ml.classification.DecisionTreeClassificationModel;
import org.apache.spark.ml.classification.GBTClassificationModel;
import org.apache.spark.ml.classification.RandomForestClassificationModel;

/** Classes by trees. */
final class TreeClassification {
  private TreeClassification() {}

  static RowStage tree(DecisionTreeClassificationModel model, Columns columns) throws Uncompiled {
    TreeCounts classifier = classifier(model);
    Trees tree = classifier.predictions().trees();
    return Together.of(
        Classifying.of(model, columns, classifier),
        Leaves.ofOne(model.getFeaturesCol(), model.getLeafCol(), columns, tree));
  }

  static RowStage forest(RandomForestClassificationModel model, Columns columns) throws Uncompiled {
    ForestVotes classifier = classifier(model);
    return Together.of(
        Classifying.of(model, columns, classifier),
        Leaves.of(model.getFeaturesCol(), model.getLeafCol(), columns, classifier.trees()));
  }

  static RowStage boosted(GBTClassificationModel model, Columns columns) throws Uncompiled {
    BoostedClasses classifier = classifier(model);
    Trees trees = classifier.margin().predictions().trees();
    return Together.of(
        Classifying.of(model, columns, classifier),
        Leaves.of(model.getFeaturesCol(), model.getLeafCol(), columns, trees));
  }

  static TreeCounts classifier(DecisionTreeClassificationModel model) throws Uncompiled {
    Flattened flat = Flattened.of(model);
    return new TreeCounts(
        LeafValues.predictions(flat), model.numClasses(), flat.counts(), Thresholds.of(model));
  }

  static ForestVotes classifier(RandomForestClassificationModel model) throws Uncompiled {
    Flattened flat = Flattened.of(model.trees());
    return new ForestVotes(flat.trees(), model.numClasses(), flat.shares(), Thresholds.of(model));
  }

  static BoostedClasses classifier(GBTClassificationModel model) throws Uncompiled {
    Flattened flat = Flattened.of(model.trees());
    return new BoostedClasses(
        new Boosting(LeafValues.predictions(flat), model.treeWeights()), Thresholds.of(model));
  }
}
