package io.millrace.models.compiled;

import java.io.Serializable;
import org.apache.spark.ml.linalg.Vector;

/** What a model says of a vector of features. Any number of threads use it at once. */
@FunctionalInterface
interface Predictor extends Serializable {
  /**
   * A number.
   *
   * @throws RowFault if it cannot take the features, where Spark would stop the job
   */
  double of(Vector features);
}
