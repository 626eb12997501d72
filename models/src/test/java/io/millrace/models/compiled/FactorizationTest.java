package io.millrace.models.compiled;

import static org.apache.spark.ml.functions.array_to_vector;
import static org.apache.spark.ml.functions.vector_to_array;
import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.ml.classification.FMClassificationModel;
import org.apache.spark.ml.classification.FMClassifier;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.regression.FMRegressionModel;
import org.apache.spark.ml.regression.FMRegressor;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

class FactorizationTest {
  /** Dense, for Spark fails to learn from sparse vectors that have zeros in them. */
  private static final Dataset<Row> TRAINING =
      Samples.training()
          .withColumn("features", array_to_vector(vector_to_array(col("features"), "float64")));

  @Test
  void predictsNumbersAndClasses() throws Exception {
    FMRegressionModel regression =
        new FMRegressor().setLabelCol("amount").setFactorSize(3).setMaxIter(3).fit(TRAINING);
    FMClassificationModel classes =
        new FMClassifier().setLabelCol("truth").setFactorSize(3).setMaxIter(3).fit(TRAINING);
    classes.setPredictionCol("class");
    FMClassificationModel weighed = classes.copy(new ParamMap());
    weighed.setThresholds(new double[] {0.6, 0.4});
    weighed.setRawPredictionCol("").setProbabilityCol("p").setPredictionCol("weighed");

    Equality.Seen seen =
        Equality.holds(Samples.pipeline(regression, classes, weighed), Samples.asked());

    assertThat(seen.scored()).isGreaterThan(Equality.ROWS * 3 / 4);
    assertThat(seen.refused().values())
        .contains(
            "Cannot predict with features that are null",
            "Expected a vector of 6 features, but it has 5");
  }
}
