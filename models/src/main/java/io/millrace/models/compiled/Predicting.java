package io.millrace.models.compiled;

import org.apache.spark.ml.PredictionModel;
import org.apache.spark.ml.linalg.Vector;

/** Sets the number that a model predicts. */
record Predicting(Slot features, Slot output, Predictor predictor) implements RowStage {

  /** The stage of a model that predicts a number and nothing else. */
  static RowStage of(PredictionModel<Vector, ?> model, Columns columns, Predictor predictor)
      throws Uncompiled {
    return of(model.getFeaturesCol(), model.getPredictionCol(), columns, predictor);
  }

  /** Sets a column of doubles; without a name for it, nothing. */
  static RowStage of(String features, String output, Columns columns, Predictor predictor)
      throws Uncompiled {
    Slot read = columns.vector(features);
    Slot written = Outputs.number(output, columns);
    return written == null ? Together.NOTHING : new Predicting(read, written, predictor);
  }

  @Override
  public boolean run(Cells row) {
    row.number(output, predictor.of(Features.of(row, features)));
    return true;
  }
}
