package io.millrace.models.compiled;

import java.io.Serializable;

/**
 * Features as small whole numbers, of which trees tell left from right without a jump. A feature
 * that trees split by thresholds as well as by categories has two.
 *
 * @param features the feature of each number
 * @param thresholds of each number, ascending and each once; none for categories
 * @param categories how many there are, unknown ones having that as their number; {@link
 *     #NO_CATEGORIES} where there are thresholds
 */
// The arrays are read, never compared.
@SuppressWarnings("ArrayRecordComponent")
record Bins(int[] features, double[][] thresholds, int[] categories) implements Serializable {
  /** In place of a number of categories. */
  static final int NO_CATEGORIES = -1;

  /** The numbers of a row. Of thresholds, how many of them its value is not at most. */
  int[] of(double[] values) {
    int[] bins = new int[features.length];
    for (int i = 0; i < bins.length; i++) {
      double value = values[features[i]];
      bins[i] =
          categories[i] == NO_CATEGORIES
              ? above(thresholds[i], value)
              : category(value, categories[i]);
    }
    return bins;
  }

  /** The number of a category. */
  static int category(double value, int categories) {
    int category = (int) value;
    boolean known = category == value && category >= 0 && category < categories;
    return known ? category : categories;
  }

  /** NaN is above all. */
  private static int above(double[] thresholds, double value) {
    int first = 0;
    int size = thresholds.length;
    while (size > 0) {
      int half = size >>> 1;
      boolean left = value <= thresholds[first + half];
      first = left ? first : first + half + 1;
      size = left ? half : size - half - 1;
    }
    return first;
  }
}
