package io.millrace.models.compiled;

import org.apache.spark.ml.linalg.Vector;

/** Naive Bayes by what the other classes have. */
record ComplementBayes(Affine affine) implements Scores {
  @Override
  public double[] of(Vector features) {
    double[] scores = affine.of(Bayes.Allowed.NOT_NEGATIVE.check(features));
    double total = logarithmOfSum(scores);
    for (int i = 0; i < scores.length; i++) {
      scores[i] -= total;
    }
    return scores;
  }

  /** Of the sum of the exponentials. */
  private static double logarithmOfSum(double[] scores) {
    double greatest = scores[0];
    for (double score : scores) {
      greatest = Math.max(greatest, score);
    }
    double sum = 0.0;
    for (double score : scores) {
      sum += Math.exp(score - greatest);
    }
    return Math.log(sum) + greatest;
  }
}
