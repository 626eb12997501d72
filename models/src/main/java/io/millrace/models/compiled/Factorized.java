package io.millrace.models.compiled;

import org.apache.spark.ml.classification.FMClassificationModel;
import org.apache.spark.ml.linalg.Vector;

/** Two classes by a factorization machine. */
record Factorized(Factorization margin, Thresholds thresholds) implements Classifier {
  static RowStage of(FMClassificationModel model, Columns columns) throws Uncompiled {
    return Classifying.of(model, columns, new Factorized(margin(model), Thresholds.of(model)));
  }

  static Factorization margin(FMClassificationModel model) {
    return Factorization.of(model.intercept(), model.linear(), model.factors());
  }

  @Override
  public double[] raw(Vector features) {
    return Margin.twoSided(margin.of(features));
  }

  @Override
  public void probabilities(double[] raw) {
    raw[1] = 1.0 / (1.0 + Math.exp(-raw[1]));
    raw[0] = 1.0 - raw[1];
  }

  @Override
  public double byRaw(double[] raw) {
    return thresholds.byRaw(raw, this);
  }

  @Override
  public double byProbabilities(double[] probabilities) {
    return thresholds.byProbabilities(probabilities);
  }
}
