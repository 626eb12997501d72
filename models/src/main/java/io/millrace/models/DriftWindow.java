package io.millrace.models;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;

/**
 * Counts of the newest batches, which together have at least so many rows once as many came, and
 * hardly more. Small batches are kept together, so that few counts are held however small they are.
 */
final class DriftWindow {
  private static final int SLICES = 20;

  private final long over;
  private final long[] sums;
  private final Deque<Slice> slices = new ArrayDeque<>();
  private long rows;

  private static final class Slice {
    private final long[] counts;
    private long rows;

    Slice(int places) {
      this.counts = new long[places];
    }
  }

  DriftWindow(long over, int places) {
    this.over = over;
    this.sums = new long[places];
  }

  /** A batch more. */
  void add(long[] counts, long more) {
    Slice last = slices.peekLast();
    if (last == null || last.rows * SLICES >= over) {
      last = new Slice(sums.length);
      slices.addLast(last);
    }
    plus(last.counts, counts);
    last.rows += more;
    plus(sums, counts);
    rows += more;
    while (rows - Objects.requireNonNull(slices.peekFirst()).rows >= over) {
      drop(slices.removeFirst());
    }
  }

  private void drop(Slice old) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] -= old.counts[i];
    }
    rows -= old.rows;
  }

  private static void plus(long[] sums, long[] counts) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += counts[i];
    }
  }

  long rows() {
    return rows;
  }

  /** The counts of all its batches. */
  long[] sums() {
    return sums.clone();
  }
}
