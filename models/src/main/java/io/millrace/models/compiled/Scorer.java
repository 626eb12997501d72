package io.millrace.models.compiled;

import org.apache.spark.sql.catalyst.InternalRow;

/** A program at work in one thread. */
public final class Scorer {
  private final Input.Reading[] inputs;
  private final RowStage[] stages;
  private final Cells cells;

  Scorer(Input.Reading[] inputs, RowStage[] stages, Cells cells) {
    this.inputs = inputs;
    this.stages = stages;
    this.cells = cells;
  }

  /**
   * Scores a row; {@link #cells()} then has its columns.
   *
   * @return false if a stage leaves the row out
   * @throws RowFault if a stage cannot take it
   */
  public boolean score(InternalRow row) {
    cells.clear();
    for (Input.Reading input : inputs) {
      input.read(row, cells);
    }
    for (RowStage stage : stages) {
      if (!stage.run(cells)) {
        return false;
      }
    }
    return true;
  }

  /** The columns of the row that was scored last. */
  public Cells cells() {
    return cells;
  }
}
