package io.millrace.models.compiled;

import java.io.Serializable;

/**
 * Many trees side by side. A step from a node to one of its children is arithmetic without a jump,
 * and those of several trees do not wait for each other: a processor guesses wrong at every other
 * split, and that costs more than all else of a walk.
 *
 * @param roots where the first node of each tree is
 * @param nodes {@link #WIDTH} numbers for each node: which of the bins it looks at; the greatest
 *     one that goes left; where in {@code right} its categories begin; where its left child is,
 *     with the right one behind it. A leaf is its own left child, and nothing goes right of it
 * @param leaves the number of the leaf at each node that is one
 * @param right a bit for each category that goes right; none in the first words, for thresholds
 */
// The arrays are read, never compared.
@SuppressWarnings("ArrayRecordComponent")
record Forest(Bins bins, int[] roots, int[] nodes, int[] leaves, long[] right)
    implements Serializable {
  /** How many numbers a node has. */
  static final int WIDTH = 4;

  private static final int RANK = 1;
  private static final int SET = 2;
  private static final int CHILD = 3;

  /** How many trees are walked at once. */
  private static final int ABREAST = 8;

  /** The leaf of each tree at which values end. */
  int[] leaves(double[] values) {
    int[] row = bins.of(values);
    int[] places = roots.clone();
    for (int first = 0; first < places.length; first += ABREAST) {
      walk(places, first, Math.min(places.length, first + ABREAST), row);
    }
    for (int i = 0; i < places.length; i++) {
      places[i] = leaves[places[i] / WIDTH];
    }
    return places;
  }

  private void walk(int[] places, int first, int end, int[] row) {
    int moved;
    do {
      moved = 0;
      for (int i = first; i < end; i++) {
        int next = next(places[i], row);
        moved |= next ^ places[i];
        places[i] = next;
      }
    } while (moved != 0);
  }

  private int next(int node, int[] row) {
    int bin = row[nodes[node]];
    int above = (nodes[node + RANK] - bin) >>> (Integer.SIZE - 1);
    int among = (int) (right[nodes[node + SET] + (bin >>> 6)] >>> bin) & 1;
    return nodes[node + CHILD] + WIDTH * (above | among);
  }
}
