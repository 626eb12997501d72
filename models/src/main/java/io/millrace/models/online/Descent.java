package io.millrace.models.online;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.mllib.linalg.Vectors;
import org.apache.spark.mllib.regression.GeneralizedLinearAlgorithm;
import org.apache.spark.mllib.regression.LabeledPoint;
import org.apache.spark.mllib.util.MLUtils;
import org.apache.spark.storage.StorageLevel;

/**
 * Linear models that descend along the gradient of a batch. The intercept is the weight of a
 * feature that is always 1, so it goes on from batch to batch as the others do: spark-mllib's own
 * begins at 1 with each.
 */
final class Descent {
  private Descent() {}

  /** Weights of zero. */
  static State start(int features) {
    return new State(List.of(Collections.nCopies(features + 1, 0.0)), List.of());
  }

  /**
   * The weights of a stored model.
   *
   * @throws IllegalArgumentException with a clause, if it has an intercept and may not
   */
  static State from(Vector coefficients, double constant, boolean intercept) {
    if (!intercept && constant != 0) {
      throw new IllegalArgumentException("it has the intercept " + constant + ", set intercept");
    }
    List<Double> weights = list(coefficients.toArray());
    weights.add(constant);
    return new State(List.of(weights), List.of());
  }

  static State learn(
      GeneralizedLinearAlgorithm<?> algorithm,
      JavaRDD<LabeledPoint> points,
      State before,
      boolean intercept) {
    Function<LabeledPoint, LabeledPoint> prepare = intercept ? Descent::biased : point -> point;
    JavaRDD<LabeledPoint> prepared = points.map(prepare).persist(StorageLevel.MEMORY_AND_DISK());
    try {
      double[] all = before.vector(0);
      double[] begin = intercept ? all : Arrays.copyOf(all, all.length - 1);
      List<Double> weights =
          list(algorithm.run(prepared.rdd(), Vectors.dense(begin)).weights().toArray());
      if (!intercept) {
        weights.add(0.0);
      }
      return new State(List.of(weights), List.of());
    } finally {
      prepared.unpersist();
    }
  }

  private static LabeledPoint biased(LabeledPoint point) {
    return new LabeledPoint(point.label(), MLUtils.appendBias(point.features()));
  }

  /** What the weights make of a point. */
  static double margin(double[] weights, LabeledPoint point) {
    double sum = weights[weights.length - 1];
    for (int i = 0; i < weights.length - 1; i++) {
      sum += weights[i] * point.features().apply(i);
    }
    return sum;
  }

  /** The weights of the features. */
  static Vector coefficients(State state) {
    double[] all = state.vector(0);
    return org.apache.spark.ml.linalg.Vectors.dense(Arrays.copyOf(all, all.length - 1));
  }

  static double intercept(State state) {
    double[] all = state.vector(0);
    return all[all.length - 1];
  }

  private static List<Double> list(double[] values) {
    return new ArrayList<>(State.list(values));
  }
}
