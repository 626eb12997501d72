package io.millrace.models.compiled;

import java.io.Serializable;
import org.apache.spark.ml.linalg.Vector;

/** A number of the leaf of each tree. */
// The arrays are read, never compared.
@SuppressWarnings("ArrayRecordComponent")
record LeafValues(Trees trees, double[] values) implements Serializable {
  static LeafValues predictions(Flattened flat) {
    return new LeafValues(flat.trees(), flat.predictions());
  }

  /** Of each tree. */
  double[] all(Vector features) {
    int[] leaves = trees.leaves(features);
    double[] all = new double[leaves.length];
    for (int i = 0; i < leaves.length; i++) {
      all[i] = values[leaves[i]];
    }
    return all;
  }

  /** Of the only tree. */
  double one(Vector features) {
    return values[trees.leaf(features)];
  }
}
