package io.millrace.models.compiled;

import java.io.Serializable;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;

/**
 * Trees, each from its root to its leaves. Leaves are numbered through all of them.
 *
 * @param roots the first node of each tree
 * @param nodes over all features
 * @param packed the same nodes over those features alone that they split by
 * @param places of the features among those, or {@link #UNUSED}
 * @param used how many those are
 */
// The arrays are read, never compared.
@SuppressWarnings("ArrayRecordComponent")
record Trees(int[] roots, Nodes nodes, Nodes packed, int[] places, int used)
    implements Serializable {
  /** In the place of a feature that no node splits by. */
  static final int UNUSED = -1;

  /** The leaf of each tree at which features end. */
  int[] leaves(Vector features) {
    if (features.size() < places.length) {
      return leavesOfFew(features);
    }
    return features instanceof SparseVector sparse
        ? leaves(packed, packed(sparse))
        : leaves(nodes, features.toArray());
  }

  /** The leaf of the only tree. */
  int leaf(Vector features) {
    return leaves(features)[0];
  }

  private int[] leaves(Nodes walked, double[] values) {
    int[] leaves = new int[roots.length];
    for (int i = 0; i < leaves.length; i++) {
      leaves[i] = walked.leaf(roots[i], values);
    }
    return leaves;
  }

  /** Of fewer features than nodes split by: no matter, as long as none of the others is met. */
  private int[] leavesOfFew(Vector features) {
    try {
      return leaves(nodes, features.toArray());
    } catch (ArrayIndexOutOfBoundsException missing) {
      throw new RowFault(
          "Expected a vector of at least %d features, but it has %d"
              .formatted(places.length, features.size()));
    }
  }

  private double[] packed(SparseVector features) {
    double[] packed = new double[used];
    int[] indices = features.indices();
    double[] values = features.values();
    for (int i = 0; i < indices.length && indices[i] < places.length; i++) {
      int place = places[indices[i]];
      if (place != UNUSED) {
        packed[place] = values[i];
      }
    }
    return packed;
  }

  /** The first leaf of each tree. */
  int[] firstLeaves() {
    int[] first = new int[roots.length];
    for (int i = 0; i < first.length; i++) {
      first[i] = nodes.firstLeaf(roots[i]);
    }
    return first;
  }
}
