package io.millrace.models.compiled;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Map;

/**
 * The numbers that are categories, in ascending order, and the index of each.
 *
 * @param values without a negative zero
 */
@SuppressWarnings("ArrayRecordComponent")
record Categories(double[] values, int[] indices) implements Serializable {
  static Categories of(Map<Double, Integer> indices) {
    double[] values = indices.keySet().stream().mapToDouble(value -> value).sorted().toArray();
    return new Categories(
        Arrays.stream(values).map(value -> value + 0.0).toArray(),
        Arrays.stream(values).mapToInt(indices::get).toArray());
  }

  int count() {
    return values.length;
  }

  /** The index of a number; negative if it is no category, which NaN never is. */
  int index(double value) {
    int at = Double.isNaN(value) ? -1 : Arrays.binarySearch(values, value + 0.0);
    return at < 0 ? -1 : indices[at];
  }
}
