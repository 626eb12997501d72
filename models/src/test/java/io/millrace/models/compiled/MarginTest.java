package io.millrace.models.compiled;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.ml.classification.LinearSVC;
import org.apache.spark.ml.classification.LinearSVCModel;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.regression.LinearRegression;
import org.apache.spark.ml.regression.LinearRegressionModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

class MarginTest {
  private static final Dataset<Row> TRAINING = Samples.training();

  @Test
  void predictsAsLinearRegression() throws Exception {
    LinearRegression regression =
        new LinearRegression().setLabelCol("amount").setMaxIter(4).setSolver("l-bfgs");
    LinearRegressionModel model = regression.copy(new ParamMap()).fit(TRAINING);
    LinearRegressionModel sparse =
        regression.setRegParam(0.3).setElasticNetParam(1).setPredictionCol("b").fit(TRAINING);
    LinearRegressionModel huber =
        new LinearRegression()
            .setLabelCol("amount")
            .setMaxIter(4)
            .setLoss("huber")
            .setPredictionCol("c")
            .fit(TRAINING);
    LinearRegressionModel silent = model.copy(new ParamMap());
    silent.setPredictionCol("");

    Equality.Seen seen =
        Equality.holds(Samples.pipeline(model, sparse, huber, silent), Samples.asked());

    assertThat(seen.scored()).isGreaterThan(Equality.ROWS * 3 / 4);
    assertThat(seen.refused().values())
        .contains(
            "Cannot predict with features that are null",
            "Expected a vector of 6 features, but it has 4");
  }

  @Test
  void predictsAsALinearSupportVectorMachine() throws Exception {
    LinearSVCModel model = new LinearSVC().setLabelCol("truth").setMaxIter(4).fit(TRAINING);
    LinearSVCModel strict = model.copy(new ParamMap());
    strict.setThreshold(0.4).setRawPredictionCol("raw").setPredictionCol("class");
    LinearSVCModel quick = strict.copy(new ParamMap());
    quick.setRawPredictionCol("").setPredictionCol("quick");
    LinearSVCModel silent = quick.copy(new ParamMap());
    silent.setPredictionCol("");

    Equality.Seen seen =
        Equality.holds(Samples.pipeline(model, strict, quick, silent), Samples.asked());

    assertThat(seen.scored()).isGreaterThan(Equality.ROWS * 3 / 4);
    assertThat(seen.refused()).isNotEmpty();
  }
}
