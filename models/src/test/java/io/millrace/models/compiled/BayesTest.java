package io.millrace.models.compiled;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.ml.classification.NaiveBayes;
import org.apache.spark.ml.classification.NaiveBayesModel;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

class BayesTest {
  private static final Dataset<Row> TRAINING = Samples.training();

  @Test
  void takesCounts() throws Exception {
    assertThat(holds("multinomial", "counts").refused().values())
        .contains(
            "Expected features that are at least 0, but one is -1.0",
            "Expected features that are at least 0, but one is NaN",
            "Expected a vector of 6 features, but it has 3");
  }

  @Test
  void takesCountsOfTheOtherClasses() throws Exception {
    assertThat(holds("complement", "counts").refused().values())
        .contains("Expected features that are at least 0, but one is -Infinity");
  }

  @Test
  void takesYesAndNo() throws Exception {
    assertThat(holds("bernoulli", "flags").refused().values())
        .contains("Expected features of 0 and 1, but one is 0.5");
  }

  @Test
  void takesNumbers() throws Exception {
    assertThat(holds("gaussian", "features").refused().values())
        .contains(
            "Cannot predict with features that are null",
            "Expected a vector of 6 features, but it has 3")
        .doesNotContain("Expected a vector of 6 features, but it has 7");
  }

  private static Equality.Seen holds(String type, String features) throws Exception {
    NaiveBayesModel model =
        new NaiveBayes().setModelType(type).setFeaturesCol(features).fit(TRAINING);
    NaiveBayesModel weighed = model.copy(new ParamMap());
    weighed.setThresholds(new double[] {0.2, 0.7, 0.1});
    weighed.setRawPredictionCol("r").setProbabilityCol("p").setPredictionCol("c");
    Equality.Seen seen = Equality.holds(Samples.pipeline(model, weighed), Samples.asked());
    assertThat(seen.scored()).isGreaterThan(Equality.ROWS / 2);
    return seen;
  }
}
