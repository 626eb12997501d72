package io.millrace.models.compiled;

import org.apache.spark.ml.linalg.BLAS;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.Matrix;
import org.apache.spark.ml.linalg.Vector;

/**
 * A linear function for each class.
 *
 * @param matrix a row of coefficients for each class, dense or sparse as Spark's model has it
 */
// The arrays are read, never compared.
@SuppressWarnings("ArrayRecordComponent")
record Affine(Matrix matrix, double[] constants) implements Scores {
  @Override
  public double[] of(Vector features) {
    double[] scores = constants.clone();
    BLAS.gemv(
        1.0, matrix, Features.sized(features, matrix.numCols()), 1.0, new DenseVector(scores));
    return scores;
  }
}
