package io.millrace.models.compiled;

import java.io.Serializable;
import org.apache.spark.ml.linalg.Vector;

/** A number for each class. Any number of threads use it at once. */
@FunctionalInterface
interface Scores extends Serializable {
  /**
   * The numbers, in an array that is the caller's.
   *
   * @throws RowFault if it cannot take the features, where Spark would stop the job
   */
  double[] of(Vector features);
}
