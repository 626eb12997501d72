package io.millrace.models.compiled;

import org.apache.spark.ml.impl.Utils;
import org.apache.spark.ml.linalg.Vector;

/** A classifier whose scores are logarithms of what the probabilities are in proportion to. */
record Softmax(Scores scores, Thresholds thresholds) implements Classifier {
  @Override
  public double[] raw(Vector features) {
    return scores.of(features);
  }

  @Override
  public void probabilities(double[] raw) {
    Utils.softmax(raw);
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
