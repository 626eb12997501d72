package io.millrace.models.compiled;

import java.util.List;

/** Stages of one stage of Spark's, in order. */
@SuppressWarnings("ArrayRecordComponent") // It is never compared.
record Sequence(RowStage[] stages) implements RowStage {
  static RowStage of(List<RowStage> stages) {
    return stages.size() == 1 ? stages.get(0) : new Sequence(stages.toArray(RowStage[]::new));
  }

  @Override
  public boolean run(Cells row) {
    for (RowStage stage : stages) {
      if (!stage.run(row)) {
        return false;
      }
    }
    return true;
  }
}
