package io.millrace.models.compiled;

import java.io.Serializable;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;
import org.jspecify.annotations.Nullable;

/**
 * Trees, each from its root to its leaves. Leaves are numbered through all of them.
 *
 * @param roots the first node of each tree
 * @param nodes over all features
 * @param features those that they split by, ascending
 * @param packed the same nodes over those features alone
 * @param forest the same once more, to walk through many trees at once; null for a single one
 */
// The arrays are read, never compared.
@SuppressWarnings("ArrayRecordComponent")
record Trees(int[] roots, Nodes nodes, int[] features, Nodes packed, @Nullable Forest forest)
    implements Serializable {

  /** The leaf of each tree at which features end. */
  int[] leaves(Vector row) {
    if (features.length > 0 && row.size() <= features[features.length - 1]) {
      return leavesOfFew(row);
    }
    if (forest != null) {
      return forest.leaves(packed(row));
    }
    return row instanceof SparseVector sparse
        ? leaves(packed, packed(sparse))
        : leaves(nodes, row.toArray());
  }

  /** The leaf of the only tree. */
  int leaf(Vector row) {
    return leaves(row)[0];
  }

  private int[] leaves(Nodes walked, double[] values) {
    int[] leaves = new int[roots.length];
    for (int i = 0; i < leaves.length; i++) {
      leaves[i] = walked.leaf(roots[i], values);
    }
    return leaves;
  }

  /** Of fewer features than nodes split by: no matter, as long as none of the others is met. */
  private int[] leavesOfFew(Vector row) {
    try {
      return leaves(nodes, row.toArray());
    } catch (ArrayIndexOutOfBoundsException missing) {
      throw new RowFault(
          "Expected a vector of at least %d features, but it has %d"
              .formatted(features[features.length - 1] + 1, row.size()));
    }
  }

  private double[] packed(Vector row) {
    return row instanceof SparseVector sparse ? packed(sparse) : packed(row.toArray());
  }

  private double[] packed(double[] values) {
    double[] packed = new double[features.length];
    for (int i = 0; i < packed.length; i++) {
      packed[i] = values[features[i]];
    }
    return packed;
  }

  private double[] packed(SparseVector row) {
    double[] packed = new double[features.length];
    int[] indices = row.indices();
    double[] values = row.values();
    int place = 0;
    for (int i = 0; i < indices.length && place < packed.length; i++) {
      while (place < packed.length && features[place] < indices[i]) {
        place++;
      }
      if (place < packed.length && features[place] == indices[i]) {
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
