package io.millrace.models.compiled;

import org.apache.spark.ml.linalg.BLAS;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.regression.LinearRegressionModel;

/**
 * A linear function.
 *
 * @param coefficients dense or sparse as Spark's model has them
 */
record Margin(Vector coefficients, double intercept) implements Predictor {
  static RowStage of(LinearRegressionModel model, Columns columns) throws Uncompiled {
    return Predicting.of(model, columns, new Margin(model.coefficients(), model.intercept()));
  }

  @Override
  public double of(Vector features) {
    return BLAS.dot(Features.sized(features, coefficients.size()), coefficients) + intercept;
  }

  /** The raw predictions of two classes. */
  static double[] twoSided(double margin) {
    return new double[] {-margin, margin};
  }
}
