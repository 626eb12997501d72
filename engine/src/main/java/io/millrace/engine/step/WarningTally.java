package io.millrace.engine.step;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.util.AccumulatorV2;

/** How many rows there were, and a text about the first few. Tasks add, the driver takes. */
final class WarningTally extends AccumulatorV2<String, WarningTally.Seen> {
  private static final long serialVersionUID = 1;
  private static final int FIRST = 3;

  private final List<String> first = new ArrayList<>();
  private long rows;

  /** The rows so far. */
  record Seen(long rows, List<String> first) {}

  /** Counts a row; true if a text about it is wanted. */
  synchronized boolean count() {
    rows++;
    return first.size() < FIRST;
  }

  /** A text about the row that was counted last. */
  @Override
  public synchronized void add(String about) {
    first.add(about);
  }

  /** What was seen since the last time. */
  synchronized Seen take() {
    Seen seen = value();
    reset();
    return seen;
  }

  @Override
  public synchronized boolean isZero() {
    return rows == 0;
  }

  @Override
  public synchronized WarningTally copy() {
    WarningTally copy = new WarningTally();
    copy.rows = rows;
    copy.first.addAll(first);
    return copy;
  }

  @Override
  public synchronized void reset() {
    rows = 0;
    first.clear();
  }

  @Override
  public synchronized void merge(AccumulatorV2<String, Seen> other) {
    Seen seen = other.value();
    rows += seen.rows();
    seen.first().stream().limit(FIRST - first.size()).forEach(first::add);
  }

  @Override
  public synchronized Seen value() {
    return new Seen(rows, List.copyOf(first));
  }
}
