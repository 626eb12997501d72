package io.millrace.models.compiled;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.ml.classification.DecisionTreeClassificationModel;
import org.apache.spark.ml.classification.DecisionTreeClassifier;
import org.apache.spark.ml.classification.GBTClassificationModel;
import org.apache.spark.ml.classification.GBTClassifier;
import org.apache.spark.ml.classification.ProbabilisticClassificationModel;
import org.apache.spark.ml.classification.RandomForestClassificationModel;
import org.apache.spark.ml.classification.RandomForestClassifier;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

class TreeClassificationTest {
  private static final Dataset<Row> TRAINING = Samples.training();
  private static final double[] THREE = {0.3, 0.6, 0.1};
  private static final double[] TWO = {0.8, 0.2};

  @Test
  void walksATree() throws Exception {
    DecisionTreeClassificationModel model = tree("label").fit(TRAINING);
    DecisionTreeClassificationModel two = tree("truth").setImpurity("entropy").fit(TRAINING);
    DecisionTreeClassificationModel leaves = named(model, "g", "r", "p", "c");
    leaves.setLeafCol("leaf");

    Equality.Seen seen =
        Equality.holds(
            Samples.pipeline(
                named(model, "a", "r", "p", "c"),
                named(two, "b", "r", "p", "c"),
                named(model, "c", "r", "p", "c").setThresholds(THREE),
                named(model, "d", "", "p", "c").setThresholds(THREE),
                named(model, "e", "", "", "c").setThresholds(THREE),
                named(model, "f", "", "", "c"),
                leaves),
            Samples.asked());

    assertThat(model.toDebugString()).contains(" in {").contains("feature 0 <=");
    isRight(seen);
  }

  @Test
  void countsTheVotesOfAForest() throws Exception {
    RandomForestClassificationModel model = forest("label").fit(TRAINING);
    RandomForestClassificationModel two = forest("truth").fit(TRAINING);
    RandomForestClassificationModel leaves = named(model, "f", "r", "p", "c");
    leaves.setLeafCol("leaves");

    Equality.Seen seen =
        Equality.holds(
            Samples.pipeline(
                named(model, "a", "r", "p", "c"),
                named(two, "b", "r", "p", "c"),
                named(model, "c", "r", "p", "c").setThresholds(THREE),
                named(model, "d", "", "p", "c").setThresholds(THREE),
                named(model, "e", "", "", "c").setThresholds(THREE),
                leaves),
            Samples.asked());

    isRight(seen);
  }

  @Test
  void sumsUpBoostedTrees() throws Exception {
    GBTClassificationModel model =
        new GBTClassifier()
            .setLabelCol("truth")
            .setMaxIter(6)
            .setMaxDepth(4)
            .setSeed(3)
            .fit(TRAINING);
    GBTClassificationModel leaves = named(model, "f", "r", "p", "c");
    leaves.setLeafCol("leaves");

    Equality.Seen seen =
        Equality.holds(
            Samples.pipeline(
                named(model, "a", "r", "p", "c"),
                named(model, "b", "", "p", "c"),
                named(model, "c", "", "", "c"),
                named(model, "d", "r", "p", "c").setThresholds(TWO),
                named(model, "e", "", "", "c").setThresholds(TWO),
                leaves),
            Samples.asked());

    isRight(seen);
  }

  @Test
  void takesFeaturesOfAnySizeIfItDoesNotSplit() throws Exception {
    DecisionTreeClassificationModel model = tree("label").setMaxDepth(0).fit(TRAINING);

    Equality.Seen seen =
        Equality.holds(Samples.pipeline(model), Samples.asked().filter("features is not null"));

    assertThat(seen.refused()).isEmpty();
  }

  /** Of too few features, those are scored that no more are needed for. */
  private static void isRight(Equality.Seen seen) {
    assertThat(seen.scored()).isGreaterThan(Equality.ROWS * 3 / 4);
    assertThat(seen.refused().values())
        .contains(
            "Cannot predict with features that are null",
            "Expected a vector of at least 6 features, but it has 0")
        .doesNotContain("Expected a vector of at least 6 features, but it has 7");
  }

  private static DecisionTreeClassifier tree(String label) {
    return new DecisionTreeClassifier().setLabelCol(label).setMaxDepth(7).setSeed(3);
  }

  private static RandomForestClassifier forest(String label) {
    return new RandomForestClassifier()
        .setLabelCol(label)
        .setNumTrees(12)
        .setMaxDepth(6)
        .setSeed(3);
  }

  private static <M extends ProbabilisticClassificationModel<Vector, M>> M named(
      M model, String name, String raw, String probability, String prediction) {
    M copy = model.copy(new ParamMap());
    copy.setRawPredictionCol(raw.isEmpty() ? "" : name + raw);
    copy.setProbabilityCol(probability.isEmpty() ? "" : name + probability);
    copy.setPredictionCol(name + prediction);
    return copy;
  }
}
