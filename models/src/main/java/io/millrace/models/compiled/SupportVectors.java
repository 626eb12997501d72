package io.millrace.models.compiled;

import org.apache.spark.ml.classification.LinearSVCModel;
import org.apache.spark.ml.linalg.DenseVector;
import org.jspecify.annotations.Nullable;

/**
 * A linear support vector machine.
 *
 * @param threshold the margin above which the second class is chosen
 */
record SupportVectors(
    Slot features, @Nullable Slot raw, @Nullable Slot prediction, Margin margin, double threshold)
    implements RowStage {

  static RowStage of(LinearSVCModel model, Columns columns) throws Uncompiled {
    return new SupportVectors(
        columns.vector(model.getFeaturesCol()),
        Outputs.vector(model.getRawPredictionCol(), model.numClasses(), columns),
        Outputs.number(model.getPredictionCol(), columns),
        margin(model),
        model.getThreshold());
  }

  static Margin margin(LinearSVCModel model) {
    return new Margin(model.coefficients(), model.intercept());
  }

  @Override
  public boolean run(Cells row) {
    if (raw != null || prediction != null) {
      set(row, margin.of(Features.of(row, features)));
    }
    return true;
  }

  private void set(Cells row, double distance) {
    if (raw != null) {
      row.vector(raw, new DenseVector(Margin.twoSided(distance)));
    }
    if (prediction != null) {
      row.number(prediction, distance > threshold ? 1.0 : 0.0);
    }
  }
}
