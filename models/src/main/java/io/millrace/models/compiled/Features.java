package io.millrace.models.compiled;

import org.apache.spark.ml.linalg.Vector;

/** The vectors that models predict with. */
final class Features {
  private Features() {}

  /** The one of a row, of any size. */
  static Vector of(Cells row, Slot slot) {
    Vector features = row.vector(slot);
    if (features == null) {
      throw new RowFault("Cannot predict with features that are null");
    }
    return features;
  }

  /** The same, if there are as many as the model was trained with. */
  static Vector sized(Vector features, int size) {
    if (features.size() != size) {
      throw new RowFault(
          "Expected a vector of %d features, but it has %d".formatted(size, features.size()));
    }
    return features;
  }
}
