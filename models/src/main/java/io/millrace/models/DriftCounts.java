package io.millrace.models;

import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.TaskContext;
import org.apache.spark.util.AccumulatorV2;

/**
 * What the tasks of a batch count, each row once: a task that Spark repeats takes the place of the
 * one before, and where several sinks have the rows scored again, the stage that counted most is
 * taken, as one that stops early counts less than all.
 */
final class DriftCounts
    extends AccumulatorV2<Map<DriftCounts.Part, long[]>, Map<DriftCounts.Part, long[]>> {
  private static final long serialVersionUID = 1;

  private volatile Map<Part, long[]> parts = Map.of();

  /** The rows of one task, scored by one version. */
  record Part(String version, int stage, int partition) implements Serializable {}

  /** The counts of a task, which it adds to until it ends. */
  long[] open(TaskContext task, String version, int places) {
    Part part = new Part(version, task.stageId(), task.partitionId());
    long[] known = parts.get(part);
    if (known == null) {
      known = new long[places];
      add(Map.of(part, known));
    }
    return known;
  }

  @Override
  public synchronized void add(Map<Part, long[]> more) {
    Map<Part, long[]> all = new HashMap<>(parts);
    all.putAll(more);
    parts = Map.copyOf(all);
  }

  @Override
  public void merge(AccumulatorV2<Map<Part, long[]>, Map<Part, long[]>> other) {
    add(other.value());
  }

  @Override
  public boolean isZero() {
    return parts.isEmpty();
  }

  @Override
  public DriftCounts copy() {
    DriftCounts copy = new DriftCounts();
    copy.add(parts);
    return copy;
  }

  @Override
  public synchronized void reset() {
    parts = Map.of();
  }

  @Override
  public Map<Part, long[]> value() {
    return parts;
  }

  /** The counts of a batch; zeros where it had no rows. */
  long[] batch(String version, int places) {
    Map<Integer, long[]> stages = new HashMap<>();
    parts.forEach(
        (part, counts) -> {
          if (part.version().equals(version)) {
            add(stages.computeIfAbsent(part.stage(), stage -> new long[places]), counts);
          }
        });
    long[] most = new long[places];
    for (long[] counts : stages.values()) {
      most = sum(counts) > sum(most) ? counts : most;
    }
    return most;
  }

  private static void add(long[] sums, long[] counts) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += counts[i];
    }
  }

  private static long sum(long[] counts) {
    long sum = 0;
    for (long count : counts) {
      sum += count;
    }
    return sum;
  }
}
