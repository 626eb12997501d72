package io.millrace.models.compiled;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.regression.DecisionTreeRegressionModel;
import org.apache.spark.ml.regression.DecisionTreeRegressor;
import org.apache.spark.ml.regression.GBTRegressionModel;
import org.apache.spark.ml.regression.GBTRegressor;
import org.apache.spark.ml.regression.RandomForestRegressionModel;
import org.apache.spark.ml.regression.RandomForestRegressor;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

class TreeRegressionTest {
  private static final Dataset<Row> TRAINING = Samples.training();

  @Test
  void walksATree() throws Exception {
    DecisionTreeRegressionModel model =
        new DecisionTreeRegressor().setLabelCol("amount").setMaxDepth(7).setSeed(3).fit(TRAINING);
    DecisionTreeRegressionModel all = model.copy(new ParamMap());
    all.setVarianceCol("variance").setPredictionCol("all");
    all.set(all.leafCol(), "leaf");
    DecisionTreeRegressionModel leaf = all.copy(new ParamMap());
    leaf.setVarianceCol("").setPredictionCol("");
    leaf.set(leaf.leafCol(), "leaf alone");

    isRight(Equality.holds(Samples.pipeline(model, all, leaf), Samples.asked()));
    assertThat(model.toDebugString()).contains(" in {").contains("feature 0 <=");
  }

  @Test
  void takesTheMeanOfAForest() throws Exception {
    RandomForestRegressionModel model =
        new RandomForestRegressor()
            .setLabelCol("amount")
            .setNumTrees(12)
            .setMaxDepth(6)
            .setSeed(3)
            .fit(TRAINING);
    RandomForestRegressionModel leaves = model.copy(new ParamMap());
    leaves.setPredictionCol("again");
    leaves.set(leaves.leafCol(), "leaves");

    isRight(Equality.holds(Samples.pipeline(model, leaves), Samples.asked()));
  }

  @Test
  void sumsUpBoostedTrees() throws Exception {
    GBTRegressionModel model =
        new GBTRegressor()
            .setLabelCol("amount")
            .setMaxIter(6)
            .setMaxDepth(4)
            .setSeed(3)
            .fit(TRAINING);
    GBTRegressionModel leaves = model.copy(new ParamMap());
    leaves.setPredictionCol("");
    leaves.set(leaves.leafCol(), "leaves");

    isRight(Equality.holds(Samples.pipeline(model, leaves), Samples.asked()));
  }

  private static void isRight(Equality.Seen seen) {
    assertThat(seen.scored()).isGreaterThan(Equality.ROWS * 3 / 4);
    assertThat(seen.refused().values())
        .contains(
            "Cannot predict with features that are null",
            "Expected a vector of at least 6 features, but it has 0");
  }
}
