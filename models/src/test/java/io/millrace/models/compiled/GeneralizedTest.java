package io.millrace.models.compiled;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.regression.GeneralizedLinearRegression;
import org.apache.spark.ml.regression.GeneralizedLinearRegressionModel;
import org.junit.jupiter.api.Test;

class GeneralizedTest {
  private static final GeneralizedLinearRegressionModel MODEL =
      new GeneralizedLinearRegression().setLabelCol("amount").setMaxIter(2).fit(Samples.training());

  @Test
  void predictsWithEveryFamilyAndLink() throws Exception {
    List<PipelineStage> models = new ArrayList<>();
    for (String both :
        List.of(
            "gaussian identity",
            "gaussian log",
            "gaussian inverse",
            "binomial logit",
            "binomial probit",
            "binomial cloglog",
            "poisson log",
            "poisson identity",
            "poisson sqrt",
            "gamma inverse",
            "gamma identity",
            "gamma log")) {
      String[] names = both.split(" ", -1);
      models.add(
          named(both, new ParamMap().put(MODEL.family(), names[0]).put(MODEL.link(), names[1])));
    }
    for (String family : List.of("gaussian", "binomial", "poisson", "gamma", "tweedie")) {
      models.add(named(family, new ParamMap().put(MODEL.family(), family)));
    }
    for (double power : new double[] {0, 1, 1.6, 2}) {
      ParamMap tweedie =
          new ParamMap().put(MODEL.family(), "tweedie").put(MODEL.variancePower(), power);
      models.add(named("tweedie " + power, tweedie));
      models.add(named("tweedie " + power + " sqrt", tweedie.copy().put(MODEL.linkPower(), 0.5)));
      models.add(named("tweedie " + power + " own", tweedie.copy().put(MODEL.linkPower(), 0.3)));
    }

    Equality.Seen seen =
        Equality.holds(Samples.pipeline(models.toArray(PipelineStage[]::new)), Samples.asked());

    assertThat(seen.scored()).isGreaterThan(Equality.ROWS * 3 / 4);
    assertThat(seen.refused().values())
        .contains(
            "Cannot predict with features that are null",
            "Expected a vector of 6 features, but it has 2");
  }

  @Test
  void addsAnOffsetAndSaysWhatTheLinkIsGiven() throws Exception {
    GeneralizedLinearRegressionModel offset = named("a", offset());
    GeneralizedLinearRegressionModel both = named("b", offset());
    both.setLinkPredictionCol("b link");
    GeneralizedLinearRegressionModel link = named("", offset());
    link.setLinkPredictionCol("c link");
    GeneralizedLinearRegressionModel silent = named("", offset());

    Equality.Seen seen =
        Equality.holds(Samples.pipeline(offset, both, link, silent), Samples.asked());

    assertThat(seen.scored()).isGreaterThan(Equality.ROWS * 3 / 4);
    assertThat(seen.refused()).isNotEmpty();
  }

  private static ParamMap offset() {
    return new ParamMap().put(MODEL.family(), "poisson").put(MODEL.offsetCol(), "offset");
  }

  private static GeneralizedLinearRegressionModel named(String name, ParamMap settings) {
    GeneralizedLinearRegressionModel model = MODEL.copy(settings);
    model.setPredictionCol(name);
    return model;
  }
}
