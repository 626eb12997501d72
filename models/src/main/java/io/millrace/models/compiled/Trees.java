package io.millrace.models.compiled;

import java.io.Serializable;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;

/**
 * Trees, each from its root to its leaves. Leaves are numbered through all of them.
 *
 * @param roots the first node of each tree
 * @param nodes over all features
 * @param features those that they split by, ascending
 * @param forest the same nodes over those features alone, to walk through many trees at once
 */
// The arrays are read, never compared.
@SuppressWarnings("ArrayRecordComponent")
record Trees(int[] roots, Nodes nodes, int[] features, Forest forest) implements Serializable {

  /** The leaf of each tree at which features end. */
  int[] leaves(Vector row) {
    if (features.length == 0 || (roots.length == 1 && full(row))) {
      return walked(row.toArray());
    }
    return row.size() <= features[features.length - 1]
        ? leavesOfFew(row)
        : forest.leaves(packed(row));
  }

  private boolean full(Vector row) {
    return row instanceof DenseVector && row.size() > features[features.length - 1];
  }

  /** The leaf of the only tree. */
  int leaf(Vector row) {
    return leaves(row)[0];
  }

  /** One tree after the other. */
  private int[] walked(double[] values) {
    int[] leaves = new int[roots.length];
    for (int i = 0; i < leaves.length; i++) {
      leaves[i] = nodes.leaf(roots[i], values);
    }
    return leaves;
  }

  /** Of fewer features than nodes split by: no matter, as long as none of the others is met. */
  private int[] leavesOfFew(Vector row) {
    try {
      return walked(row.toArray());
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
