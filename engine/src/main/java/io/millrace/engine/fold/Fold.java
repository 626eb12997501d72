package io.millrace.engine.fold;

import java.io.Serializable;

/**
 * What a step does with the rows of one key, told in the order of their times. What comes out
 * depends on the rows alone, and not on the batches in which they came.
 */
@FunctionalInterface
public interface Fold extends Serializable {
  /** Where a row that is told has its time, in microseconds. */
  int TIME = 0;

  /** Where it has its place among rows of the same time, such as an offset. */
  int PLACE = 1;

  /** Where its other columns begin. */
  int COLUMNS = 2;

  /** Begins work, once for each task. */
  Folding open();
}
