package io.millrace.models.compiled;

import java.io.Serializable;
import org.apache.spark.ml.linalg.Vector;

/** What a classifier says of a vector of features. Any number of threads use it at once. */
interface Classifier extends Serializable {
  /**
   * The raw prediction of each class, in an array that is the caller's.
   *
   * @throws RowFault if it cannot take the features, where Spark would stop the job
   */
  double[] raw(Vector features);

  /**
   * Turns raw predictions into probabilities, in place.
   *
   * @throws RowFault if that cannot be, where Spark would stop the job
   */
  void probabilities(double[] raw);

  /** The class by raw predictions. */
  double byRaw(double[] raw);

  /** The class by probabilities; of a model without a column of raw predictions. */
  double byProbabilities(double[] probabilities);

  /** The class by the features alone; of a model with neither of these columns. */
  default double byFeatures(Vector features) {
    return byRaw(raw(features));
  }
}
