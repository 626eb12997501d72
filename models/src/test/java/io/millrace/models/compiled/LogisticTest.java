package io.millrace.models.compiled;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.classification.LogisticRegressionModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

class LogisticTest {
  private static final Dataset<Row> TRAINING = Samples.training();

  @Test
  void tellsTwoClassesApart() throws Exception {
    LogisticRegressionModel model =
        new LogisticRegression().setLabelCol("truth").setMaxIter(5).fit(TRAINING);
    LogisticRegressionModel sparse =
        new LogisticRegression()
            .setLabelCol("truth")
            .setMaxIter(5)
            .setRegParam(0.2)
            .setElasticNetParam(1)
            .fit(TRAINING);

    Equality.Seen seen =
        Equality.holds(
            Samples.pipeline(
                named(model, "a"),
                named(sparse, "b"),
                named(model, "c").setThreshold(0.37),
                named(model, "d").setThreshold(0),
                named(model, "e").setThreshold(1),
                named(model, "f").setThresholds(new double[] {0.2, 0.6}),
                named(model, "g").setThreshold(0.61).setRawPredictionCol(""),
                named(model, "h").setThreshold(0.61).setRawPredictionCol("").setProbabilityCol(""),
                named(model, "i").setProbabilityCol(""),
                named(model, "j").setPredictionCol("")),
            Samples.asked());

    assertThat(seen.scored()).isGreaterThan(Equality.ROWS * 3 / 4);
    assertThat(seen.refused().values())
        .contains(
            "Cannot predict with features that are null",
            "Expected a vector of 6 features, but it has 7");
  }

  @Test
  void tellsManyClassesApart() throws Exception {
    LogisticRegressionModel model = new LogisticRegression().setMaxIter(5).fit(TRAINING);
    LogisticRegressionModel sparse =
        new LogisticRegression().setMaxIter(5).setRegParam(0.2).setElasticNetParam(1).fit(TRAINING);
    LogisticRegressionModel two =
        new LogisticRegression()
            .setFamily("multinomial")
            .setLabelCol("truth")
            .setMaxIter(5)
            .fit(TRAINING);
    double[] thresholds = {0.7, 0.1, 0.4};

    Equality.Seen seen =
        Equality.holds(
            Samples.pipeline(
                named(model, "a"),
                named(sparse, "b"),
                named(two, "h"),
                named(two, "i").setThreshold(0.8),
                named(model, "c").setThresholds(thresholds),
                named(model, "d").setThresholds(new double[] {0.5, 0, 0.5}),
                named(model, "e").setThresholds(thresholds).setRawPredictionCol(""),
                named(model, "f").setRawPredictionCol("").setProbabilityCol(""),
                named(model, "g")
                    .setThresholds(thresholds)
                    .setRawPredictionCol("")
                    .setProbabilityCol("")),
            Samples.asked());

    assertThat(seen.scored()).isGreaterThan(Equality.ROWS * 3 / 4);
  }

  @Test
  void leavesThresholdsThatAreNotAsManyAsTheClasses() {
    LogisticRegressionModel model = new LogisticRegression().setMaxIter(1).fit(TRAINING);
    model.set(model.thresholds(), new double[] {0.5, 0.5});

    assertThatThrownBy(() -> Program.of(Samples.pipeline(model), TRAINING.schema()))
        .isInstanceOf(Uncompiled.class)
        .hasMessage("2 thresholds are set for 3 classes");
  }

  private static LogisticRegressionModel named(LogisticRegressionModel model, String name) {
    LogisticRegressionModel copy = model.copy(new org.apache.spark.ml.param.ParamMap());
    copy.setRawPredictionCol(name + "_raw");
    copy.setProbabilityCol(name + "_probability");
    copy.setPredictionCol(name + "_class");
    return copy;
  }
}
