package io.millrace.models.compiled;

import java.util.Arrays;
import org.apache.spark.ml.linalg.Vector;

/**
 * A tree that knows how many rows of each class its leaves have seen.
 *
 * @param counts of each class, one leaf after the other
 */
// The arrays are read, never compared.
@SuppressWarnings("ArrayRecordComponent")
record TreeCounts(LeafValues predictions, int classes, double[] counts, Thresholds thresholds)
    implements Classifier {
  @Override
  public double[] raw(Vector features) {
    int start = predictions.trees().leaf(features) * classes;
    return Arrays.copyOfRange(counts, start, start + classes);
  }

  @Override
  public void probabilities(double[] raw) {
    Shares.normalize(raw);
  }

  @Override
  public double byRaw(double[] raw) {
    return thresholds.byRaw(raw, this);
  }

  @Override
  public double byProbabilities(double[] probabilities) {
    return thresholds.byProbabilities(probabilities);
  }

  /** Without thresholds, even if there are some, as Spark does. */
  @Override
  public double byFeatures(Vector features) {
    return predictions.one(features);
  }
}
