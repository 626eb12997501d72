package io.millrace.models.compiled;

import java.io.Serializable;

/**
 * A stage of a pipeline over one row. Any number of threads use it at once, each with own cells.
 */
@FunctionalInterface
public interface RowStage extends Serializable {
  /**
   * Reads columns of a row and sets others.
   *
   * @return false if the stage leaves the row out, as {@code handleInvalid: skip} says
   * @throws RowFault if it cannot take the row, where Spark would stop the job
   */
  boolean run(Cells row);
}
