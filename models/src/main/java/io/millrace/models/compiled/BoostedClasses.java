package io.millrace.models.compiled;

import org.apache.spark.ml.linalg.Vector;

/** Two classes by boosted trees. */
record BoostedClasses(Boosting margin, Thresholds thresholds) implements Classifier {
  @Override
  public double[] raw(Vector features) {
    return Margin.twoSided(margin.of(features));
  }

  @Override
  public void probabilities(double[] raw) {
    raw[0] = 1.0 / (1.0 + Math.exp(-2.0 * raw[0]));
    raw[1] = 1.0 - raw[0];
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
