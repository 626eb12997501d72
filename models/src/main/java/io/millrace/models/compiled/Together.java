package io.millrace.models.compiled;

import java.util.List;

/** Stages one after the other, as one. */
record Together(List<RowStage> stages) implements RowStage {
  /** A stage without any effect. */
  static final RowStage NOTHING = new Together(List.of());

  static RowStage of(RowStage... stages) {
    return new Together(List.of(stages));
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
