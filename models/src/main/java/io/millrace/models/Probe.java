package io.millrace.models;

import io.millrace.models.Watched.WatchedScore;
import java.io.Serializable;
import org.apache.spark.TaskContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.jspecify.annotations.Nullable;

/**
 * Counts the rows of a step where they are scored. What of it has come to a task is fixed when
 * Spark sends it off: the version that its batch sees.
 */
final class Probe implements Serializable {
  private static final long serialVersionUID = 1;

  private final DriftCounts counts;
  private volatile @Nullable Seen seen;

  /** What rows are scored by, and held against. */
  record Seen(String version, Broadcast<Watched> watched) implements Serializable {}

  Probe(DriftCounts counts) {
    this.counts = counts;
  }

  /** Lets the tasks of the next batch hold rows against a version; null for against none. */
  void see(@Nullable Seen version) {
    seen = version;
  }

  /** The probe at work in this task; null where nothing is counted, as in the driver. */
  @Nullable Work open(String version) {
    TaskContext task = TaskContext.get();
    Seen known = seen;
    if (task == null || known == null || !known.version().equals(version)) {
      return null;
    }
    Watched watched = known.watched().value();
    return new Work(watched, counts.open(task, version, watched.places()));
  }

  /** A probe at work on one row after the other. */
  static final class Work {
    private final long[] counts;
    private final ColumnCounter[] columns;
    private final ScoreCounter[] scores;

    private Work(Watched watched, long[] counts) {
      this.counts = counts;
      this.columns = watched.open();
      this.scores = new ScoreCounter[watched.scores().size()];
      int first = watched.columns().stream().mapToInt(column -> column.bins().places()).sum();
      for (int i = 0; i < scores.length; i++) {
        WatchedScore score = watched.scores().get(i);
        scores[i] = new ScoreCounter(score, first);
        first += score.bins().places();
      }
    }

    /**
     * Counts a row, the columns of which no counter keeps.
     *
     * @param result the outputs; null where it could not be scored, which counts as no score
     */
    void count(InternalRow row, @Nullable Object @Nullable [] result) {
      for (ColumnCounter column : columns) {
        column.count(row, counts);
      }
      if (result != null) {
        for (ScoreCounter score : scores) {
          score.count(result, counts);
        }
      }
    }
  }

  private static final class ScoreCounter {
    private final double[] edges;
    private final int output;
    private final int index;
    private final int first;

    ScoreCounter(WatchedScore score, int first) {
      this.edges = score.bins().edges();
      this.output = score.output();
      this.index = score.index();
      this.first = first;
    }

    void count(@Nullable Object[] result, long[] counts) {
      Object value = result[output];
      int place = 0;
      if (value instanceof ArrayData array) {
        place = ColumnCounter.place(edges, array.getDouble(index));
      } else if (value instanceof Number number) {
        place = ColumnCounter.place(edges, number.doubleValue());
      }
      counts[first + place]++;
    }
  }
}
