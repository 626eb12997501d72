package io.millrace.models.compiled;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.ml.clustering.GaussianMixture;
import org.apache.spark.ml.clustering.GaussianMixtureModel;
import org.apache.spark.ml.param.ParamMap;
import org.junit.jupiter.api.Test;

class MixtureTest {
  @Test
  void saysHowLikelyEachDistributionIs() throws Exception {
    GaussianMixtureModel model =
        new GaussianMixture().setK(3).setMaxIter(2).setSeed(3).fit(Samples.training());
    GaussianMixtureModel quick = model.copy(new ParamMap());
    quick.setProbabilityCol("").setPredictionCol("quick");
    GaussianMixtureModel silent = quick.copy(new ParamMap());
    silent.setPredictionCol("");

    Equality.Seen seen = Equality.holds(Samples.pipeline(model, quick, silent), Samples.asked());

    assertThat(seen.scored()).isGreaterThan(Equality.ROWS * 3 / 4);
    assertThat(seen.refused().values())
        .contains(
            "Cannot predict with features that are null",
            "Expected a vector of 6 features, but it has 7");
  }
}
