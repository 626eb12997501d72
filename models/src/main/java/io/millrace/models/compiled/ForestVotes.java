package io.millrace.models.compiled;

import org.apache.spark.ml.linalg.Vector;

/**
 * Trees that each have one vote, shared among the classes.
 *
 * @param shares of each class, one leaf after the other
 */
// The arrays are read, never compared.
@SuppressWarnings("ArrayRecordComponent")
record ForestVotes(Trees trees, int classes, double[] shares, Thresholds thresholds)
    implements Classifier {
  @Override
  public double[] raw(Vector features) {
    double[] votes = new double[classes];
    for (int leaf : trees.leaves(features)) {
      int start = leaf * classes;
      for (int i = 0; i < votes.length; i++) {
        votes[i] += shares[start + i];
      }
    }
    return votes;
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
}
