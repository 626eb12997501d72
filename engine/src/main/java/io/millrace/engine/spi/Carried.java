package io.millrace.engine.spi;

import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;

/** What a step takes from one batch to the next in a job that runs as DStreams. */
public sealed interface Carried {
  /** The rows of the last {@code size}, once {@code every} is over. */
  non-sealed interface Window extends Carried {
    Duration size();

    Duration every();

    /** The results of a window's rows; start and end in microseconds. */
    LogicalPlan results(LogicalPlan rows, long start, long end);
  }

  /**
   * A total per key. The step's own plan over the rows of one batch gives the keys and what the
   * batch adds.
   *
   * @param by the key's columns, which come first
   * @param folds how a total and what a batch adds become the next total, for each further column
   * @param keep how long a key is known that no row has; empty for ever
   */
  record Totals(List<String> by, List<Fold> folds, Optional<Duration> keep)
      implements Carried, Serializable {
    public Totals {
      by = List.copyOf(by);
      folds = List.copyOf(folds);
    }
  }

  /** How two parts of an aggregate become one. */
  enum Fold {
    ADD,
    LEAST,
    GREATEST
  }
}
