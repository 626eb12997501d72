package io.millrace.models.compiled;

import org.apache.spark.ml.linalg.BLAS;
import org.apache.spark.ml.linalg.Matrix;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.regression.FMRegressionModel;

/**
 * A factorization machine.
 *
 * @param linear coefficients of the features alone
 * @param factors of each factor and feature
 */
// The arrays are read, never compared.
@SuppressWarnings("ArrayRecordComponent")
record Factorization(double intercept, Vector linear, double[][] factors) implements Predictor {
  static RowStage of(FMRegressionModel model, Columns columns) throws Uncompiled {
    return Predicting.of(model, columns, of(model.intercept(), model.linear(), model.factors()));
  }

  static Factorization of(double intercept, Vector linear, Matrix factors) {
    double[][] columns = new double[factors.numCols()][factors.numRows()];
    for (int i = 0; i < columns.length; i++) {
      for (int j = 0; j < columns[i].length; j++) {
        columns[i][j] = factors.apply(j, i);
      }
    }
    return new Factorization(intercept, linear, columns);
  }

  @Override
  public double of(Vector features) {
    double prediction = intercept + BLAS.dot(Features.sized(features, linear.size()), linear);
    double[] values = features.toArray();
    for (double[] factor : factors) {
      prediction += 0.5 * interaction(values, factor);
    }
    return prediction;
  }

  /** The square of a sum less the sum of squares, over what is not 0. */
  private static double interaction(double[] values, double[] factor) {
    double squares = 0.0;
    double sum = 0.0;
    for (int i = 0; i < values.length; i++) {
      if (values[i] != 0.0) {
        double product = factor[i] * values[i];
        squares += product * product;
        sum += product;
      }
    }
    return sum * sum - squares;
  }
}
