package io.millrace.models.compiled;

import java.util.Arrays;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;

/** How often each index occurs, as a sparse vector. */
final class Counts {
  private Counts() {}

  /**
   * A vector with the counts that are at least so much.
   *
   * @param indices of which the first {@code length} count; they are sorted
   * @param ones whether each count becomes 1
   */
  static Vector of(int[] indices, int length, int size, double least, boolean ones) {
    Arrays.sort(indices, 0, length);
    int[] found = new int[length];
    double[] counts = new double[length];
    int at = 0;
    for (int from = 0, to; from < length; from = to) {
      to = end(indices, from, length);
      if (to - from >= least) {
        found[at] = indices[from];
        counts[at++] = ones ? 1 : to - from;
      }
    }
    return new SparseVector(size, Arrays.copyOf(found, at), Arrays.copyOf(counts, at));
  }

  private static int end(int[] indices, int from, int length) {
    int to = from + 1;
    while (to < length && indices[to] == indices[from]) {
      to++;
    }
    return to;
  }
}
