package io.millrace.models.compiled;

/** The vector of one column in another, null as well, as a scaler with nothing to do gives it. */
record Copying(Slot input, Slot output) implements RowStage {
  @Override
  public boolean run(Cells row) {
    row.vector(output, row.vector(input));
    return true;
  }
}
