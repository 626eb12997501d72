package io.millrace.models.compiled;

import org.apache.spark.ml.linalg.BLAS$;
import org.apache.spark.ml.linalg.Vector;

/** What trees predict, weighed and summed up by the very product that Spark uses. */
// The arrays are read, never compared.
@SuppressWarnings("ArrayRecordComponent")
record Boosting(LeafValues predictions, double[] weights) implements Predictor {
  @Override
  public double of(Vector features) {
    double[] all = predictions.all(features);
    return BLAS$.MODULE$.nativeBLAS().ddot(all.length, all, 1, weights, 1);
  }
}
