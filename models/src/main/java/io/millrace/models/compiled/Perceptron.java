package io.millrace.models.compiled;

import java.util.Arrays;
import org.apache.spark.ml.classification.MultilayerPerceptronClassificationModel;
import org.apache.spark.ml.linalg.BLAS$;
import org.apache.spark.ml.linalg.Vector;

/**
 * A multilayer perceptron.
 *
 * @param layers how many neurons each has, the features first
 * @param weights of each layer after the first: a column for each neuron before it, then constants
 */
// The arrays are read, never compared.
@SuppressWarnings("ArrayRecordComponent")
record Perceptron(int[] layers, double[] weights, Thresholds thresholds) implements Classifier {
  static RowStage of(MultilayerPerceptronClassificationModel model, Columns columns)
      throws Uncompiled {
    return Classifying.of(model, columns, classifier(model));
  }

  static Perceptron classifier(MultilayerPerceptronClassificationModel model) throws Uncompiled {
    return new Perceptron(model.getLayers(), model.weights().toArray(), Thresholds.of(model));
  }

  @Override
  public double[] raw(Vector features) {
    double[] values = layer(1, 0, Features.sized(features, layers[0]).toArray());
    int used = size(1);
    for (int i = 2; i < layers.length; i++) {
      sigmoid(values);
      values = layer(i, used, values);
      used += size(i);
    }
    return values;
  }

  /** How many weights a layer has. */
  private int size(int layer) {
    return (layers[layer - 1] + 1) * layers[layer];
  }

  /** What the neurons of a layer are given, by the very multiplication that Spark uses. */
  private double[] layer(int layer, int offset, double[] before) {
    int rows = layers[layer];
    int columns = layers[layer - 1];
    int constants = offset + rows * columns;
    double[] values = Arrays.copyOfRange(weights, constants, constants + rows);
    BLAS$
        .MODULE$
        .nativeBLAS()
        .dgemm(
            "N", "N", rows, 1, columns, 1.0, weights, offset, rows, before, 0, columns, 1.0, values,
            0, rows);
    return values;
  }

  private static void sigmoid(double[] values) {
    for (int i = 0; i < values.length; i++) {
      values[i] = 1.0 / (1 + Math.exp(-values[i]));
    }
  }

  @Override
  public void probabilities(double[] raw) {
    double greatest = -Double.MAX_VALUE;
    for (double value : raw) {
      if (value > greatest) {
        greatest = value;
      }
    }
    double sum = 0.0;
    for (int i = 0; i < raw.length; i++) {
      raw[i] = Math.exp(raw[i] - greatest);
      sum += raw[i];
    }
    for (int i = 0; i < raw.length; i++) {
      raw[i] /= sum;
    }
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
    double[] probabilities = raw(features);
    probabilities(probabilities);
    return Thresholds.greatest(probabilities);
  }
}
