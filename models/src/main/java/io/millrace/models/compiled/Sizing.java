package io.millrace.models.compiled;

import org.apache.spark.ml.feature.VectorSizeHint;

/**
 * A check that vectors have a size, as {@link VectorSizeHint} makes it.
 *
 * @param skipping whether other rows are left out
 */
record Sizing(Source input, int size, boolean skipping) implements RowStage {
  private static final String UNCHECKED = "optimistic";

  static RowStage of(VectorSizeHint stage, Columns columns) throws Uncompiled {
    Source input = Source.vector(stage.getInputCol(), columns);
    int known = input.slot().size();
    if (known != Slot.NO_SIZE && known != stage.getSize()) {
      throw new Uncompiled(
          "the vectors in column " + input.column() + " have " + known + " values");
    }
    columns.size(input.column(), stage.getSize());
    return stage.getHandleInvalid().equals(UNCHECKED)
        ? Together.NOTHING
        : new Sizing(input, stage.getSize(), Invalid.of(stage) == Invalid.SKIP);
  }

  @Override
  public boolean run(Cells row) {
    if (skipping && (row.isNull(input.slot()) || input.vector(row).size() != size)) {
      return false;
    }
    input.check(input.vector(row), size);
    return true;
  }
}
