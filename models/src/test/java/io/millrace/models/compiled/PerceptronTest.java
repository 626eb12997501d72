package io.millrace.models.compiled;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.ml.classification.MultilayerPerceptronClassificationModel;
import org.apache.spark.ml.classification.MultilayerPerceptronClassifier;
import org.apache.spark.ml.param.ParamMap;
import org.junit.jupiter.api.Test;

class PerceptronTest {
  @Test
  void predictsThroughItsLayers() throws Exception {
    MultilayerPerceptronClassificationModel deep = model(6, 5, 4, 3);
    MultilayerPerceptronClassificationModel flat = model(6, 3);
    double[] thresholds = {0.5, 0.1, 0.4};

    Equality.Seen seen =
        Equality.holds(
            Samples.pipeline(
                named(deep, "a"),
                named(flat, "b"),
                named(deep, "c").setThresholds(thresholds),
                named(deep, "d").setThresholds(thresholds).setRawPredictionCol(""),
                named(deep, "e").setRawPredictionCol("").setProbabilityCol(""),
                named(deep, "f")
                    .setThresholds(thresholds)
                    .setRawPredictionCol("")
                    .setProbabilityCol("")),
            Samples.asked());

    assertThat(seen.scored()).isGreaterThan(Equality.ROWS * 3 / 4);
    assertThat(seen.refused().values())
        .contains(
            "Cannot predict with features that are null",
            "Expected a vector of 6 features, but it has 7");
  }

  private static MultilayerPerceptronClassificationModel model(int... layers) {
    return new MultilayerPerceptronClassifier()
        .setLayers(layers)
        .setMaxIter(6)
        .setSeed(3)
        .fit(Samples.training());
  }

  private static MultilayerPerceptronClassificationModel named(
      MultilayerPerceptronClassificationModel model, String name) {
    MultilayerPerceptronClassificationModel copy = model.copy(new ParamMap());
    copy.setRawPredictionCol(name + "_raw");
    copy.setProbabilityCol(name + "_probability");
    copy.setPredictionCol(name + "_class");
    return copy;
  }
}
