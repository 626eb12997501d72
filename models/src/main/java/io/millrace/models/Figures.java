package io.millrace.models;

import java.util.Arrays;
import org.apache.spark.util.AccumulatorV2;

/**
 * Sums that tasks add to, by their places. A task that Spark repeats for its shuffle files may add
 * twice: they are figures to look at, no account.
 */
final class Figures extends AccumulatorV2<double[], double[]> {
  private static final long serialVersionUID = 1;

  private double[] sums;

  /** So many sums, all zero. */
  Figures(int size) {
    this.sums = new double[size];
  }

  /** Adds to a sum, in a task. */
  void add(int place, double value) {
    sums[place] += value;
  }

  @Override
  public synchronized void add(double[] values) {
    for (int i = 0; i < values.length; i++) {
      sums[i] += values[i];
    }
  }

  @Override
  public synchronized boolean isZero() {
    return Arrays.stream(sums).allMatch(sum -> sum == 0);
  }

  @Override
  public synchronized Figures copy() {
    Figures copy = new Figures(sums.length);
    copy.add(sums);
    return copy;
  }

  @Override
  public synchronized void reset() {
    sums = new double[sums.length];
  }

  @Override
  public void merge(AccumulatorV2<double[], double[]> other) {
    add(other.value());
  }

  @Override
  public synchronized double[] value() {
    return sums.clone();
  }
}
