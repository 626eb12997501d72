package io.millrace.models.compiled;

import java.io.Serializable;

/**
 * The nodes of trees in plain arrays: a node, then all on its left, then all on its right.
 *
 * @param features the feature that a node splits by, or {@code ~leaf} of a leaf
 * @param thresholds the greatest value that goes left; how many categories there are, where a node
 *     splits by them
 * @param right the first node on the right
 * @param sets where the categories of a node begin among {@code left}, or {@link #NO_SET}
 * @param left a bit for each category that goes left, and one more for all other values
 */
// The arrays are read, never compared.
@SuppressWarnings("ArrayRecordComponent")
record Nodes(int[] features, double[] thresholds, int[] right, int[] sets, long[] left)
    implements Serializable {
  /** Of a node that does not split by categories. */
  static final int NO_SET = -1;

  /** The leaf at which values end, from a node on. */
  int leaf(int root, double[] values) {
    int node = root;
    int feature = features[node];
    while (feature >= 0) {
      node = goesLeft(node, values[feature]) ? node + 1 : right[node];
      feature = features[node];
    }
    return ~feature;
  }

  /** The leaf that is on the left of everything else, from a node on. */
  int firstLeaf(int root) {
    int node = root;
    while (features[node] >= 0) {
      node++;
    }
    return ~features[node];
  }

  private boolean goesLeft(int node, double value) {
    int set = sets[node];
    return set == NO_SET
        ? value <= thresholds[node]
        : left(set + Bins.category(value, (int) thresholds[node]));
  }

  /** Whether the category goes left that has this place among all sets. */
  boolean left(int bit) {
    return (left[bit / Long.SIZE] >>> bit & 1) != 0;
  }
}
