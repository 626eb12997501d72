package io.millrace.models.compiled;

import org.apache.spark.ml.classification.LogisticRegressionModel;
import org.apache.spark.ml.linalg.Vector;

/**
 * Logistic regression of two classes.
 *
 * @param threshold the probability above which the second class is chosen
 * @param marginThreshold the margin that belongs to it
 */
record Logistic(Margin margin, double threshold, double marginThreshold) implements Classifier {
  static RowStage of(LogisticRegressionModel model, Columns columns) throws Uncompiled {
    return Classifying.of(model, columns, classifier(model));
  }

  static Classifier classifier(LogisticRegressionModel model) throws Uncompiled {
    if (model.numClasses() < 2) {
      throw new Uncompiled("the model knows one class only");
    }
    Thresholds thresholds = Thresholds.of(model);
    if (model.coefficientMatrix().numRows() > 1) {
      return new Softmax(
          new Affine(model.coefficientMatrix(), model.interceptVector().toArray()), thresholds);
    }
    double threshold = model.getThreshold();
    return new Logistic(
        new Margin(model.coefficients(), model.intercept()), threshold, marginOf(threshold));
  }

  private static double marginOf(double threshold) {
    if (threshold == 0.0) {
      return Double.NEGATIVE_INFINITY;
    }
    return threshold == 1.0 ? Double.POSITIVE_INFINITY : Math.log(threshold / (1.0 - threshold));
  }

  @Override
  public double[] raw(Vector features) {
    return Margin.twoSided(margin.of(features));
  }

  @Override
  public void probabilities(double[] raw) {
    raw[0] = sigmoid(raw[0]);
    raw[1] = 1.0 - raw[0];
  }

  @Override
  public double byRaw(double[] raw) {
    return raw[1] > marginThreshold ? 1.0 : 0.0;
  }

  @Override
  public double byProbabilities(double[] probabilities) {
    return probabilities[1] > threshold ? 1.0 : 0.0;
  }

  @Override
  public double byFeatures(Vector features) {
    return sigmoid(margin.of(features)) > threshold ? 1.0 : 0.0;
  }

  private static double sigmoid(double margin) {
    return 1.0 / (1.0 + Math.exp(-margin));
  }
}
