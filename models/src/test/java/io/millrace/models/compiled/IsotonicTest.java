package io.millrace.models.compiled;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.regression.IsotonicRegression;
import org.apache.spark.ml.regression.IsotonicRegressionModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

class IsotonicTest {
  private static final Dataset<Row> TRAINING = Samples.training();
  private static final IsotonicRegressionModel MODEL =
      new IsotonicRegression().setLabelCol("amount").setFeatureIndex(1).fit(TRAINING);

  @Test
  void predictsByOneFeature() throws Exception {
    IsotonicRegressionModel number = MODEL.copy(new ParamMap());
    number.setFeaturesCol("offset").setPredictionCol("by number");

    Equality.Seen seen = Equality.holds(Samples.pipeline(MODEL, number), Samples.asked());

    assertThat(seen.scored()).isGreaterThan(Equality.ROWS * 3 / 4);
    assertThat(seen.refused().values())
        .contains(
            "Cannot predict with features that are null",
            "Expected a vector of at least 2 features, but it has 1");
  }

  @Test
  void leavesAPredictionWithoutAName() {
    IsotonicRegressionModel silent = MODEL.copy(new ParamMap());
    silent.setPredictionCol("");

    assertThatThrownBy(() -> Isotonic.of(silent, new Columns(TRAINING.schema())))
        .isInstanceOf(Uncompiled.class)
        .hasMessage("the column of its predictions has no name");
  }
}
