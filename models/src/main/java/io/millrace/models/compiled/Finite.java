package io.millrace.models.compiled;

import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;

/** Whether numbers are finite. */
public final class Finite {
  private Finite() {}

  /** Whether every number of a vector is. */
  public static boolean all(Vector vector) {
    for (double value : stored(vector)) {
      if (!Double.isFinite(value)) {
        return false;
      }
    }
    return true;
  }

  /** Those that are left out are zeros. */
  private static double[] stored(Vector vector) {
    return vector instanceof SparseVector sparse ? sparse.values() : vector.toArray();
  }
}
