package io.millrace.models.compiled;

import org.apache.spark.ml.classification.NaiveBayesModel;
import org.apache.spark.ml.linalg.Matrix;
import org.apache.spark.ml.linalg.Vector;

/**
 * Naive Bayes over numbers. As in Spark, more features than the model knows are left aside.
 *
 * @param priors logarithms, of each class
 * @param means of each class and feature
 * @param variances of each class and feature
 * @param sums of the logarithms of the variances of each class
 */
// The arrays are read, never compared.
@SuppressWarnings("ArrayRecordComponent")
record GaussianBayes(double[] priors, double[][] means, double[][] variances, double[] sums)
    implements Scores {

  static GaussianBayes of(NaiveBayesModel model) {
    double[][] variances = rows(model.sigma());
    double[] sums = new double[variances.length];
    for (int i = 0; i < sums.length; i++) {
      for (double variance : variances[i]) {
        sums[i] += Math.log(variance);
      }
    }
    return new GaussianBayes(model.pi().toArray(), rows(model.theta()), variances, sums);
  }

  private static double[][] rows(Matrix matrix) {
    double[][] rows = new double[matrix.numRows()][matrix.numCols()];
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < rows[i].length; j++) {
        rows[i][j] = matrix.apply(i, j);
      }
    }
    return rows;
  }

  @Override
  public double[] of(Vector features) {
    int size = means[0].length;
    if (features.size() < size) {
      throw new RowFault(
          "Expected a vector of %d features, but it has %d".formatted(size, features.size()));
    }
    double[] values = features.toArray();
    double[] scores = new double[priors.length];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = priors[i] - (distance(values, means[i], variances[i]) + sums[i]) / 2;
    }
    return scores;
  }

  private static double distance(double[] values, double[] means, double[] variances) {
    double sum = 0.0;
    for (int i = 0; i < means.length; i++) {
      double difference = values[i] - means[i];
      sum += difference * difference / variances[i];
    }
    return sum;
  }
}
