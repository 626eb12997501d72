package io.millrace.tests.bench;

import java.util.List;
import java.util.stream.IntStream;

/** How one side did against the other, pair by pair. */
record Ratio(double median, double min, double max) {
  /**
   * Of two series of the same length, where the values at one place were measured one after the
   * other.
   */
  static Ratio of(List<Double> ours, List<Double> theirs) {
    if (ours.isEmpty() || ours.size() != theirs.size()) {
      throw new IllegalArgumentException(
          "Needs as many values on both sides, found " + ours.size() + " and " + theirs.size());
    }
    List<Double> ratios =
        IntStream.range(0, ours.size()).mapToObj(i -> ours.get(i) / theirs.get(i)).toList();
    List<Double> sorted = ratios.stream().sorted().toList();
    return new Ratio(median(ratios), sorted.get(0), sorted.get(sorted.size() - 1));
  }

  /** The value in the middle, or half-way between the two in the middle. */
  static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}
