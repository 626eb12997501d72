package io.millrace.models.online;

import java.io.Serializable;
import java.util.Map;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.ml.Transformer;
import org.apache.spark.mllib.regression.LabeledPoint;

/** How a model learns from one batch after the other. */
public sealed interface Algorithm extends Serializable
    permits KMeans, LinearRegression, LogisticRegression {

  /** Whether it learns to tell a label. */
  boolean labelled();

  /** Whether that is 0 or 1. */
  boolean binary();

  /** What there is before the first batch. */
  State start(int features, long seed);

  /**
   * What there is before the first batch where a stored model is gone on with.
   *
   * @param rows that it learned from
   * @throws IllegalArgumentException with a clause that says what it is, if it is none of these
   */
  State from(Transformer learned, long rows);

  /** What there is behind a batch with rows. */
  State learn(JavaRDD<LabeledPoint> points, State before);

  /** How far off it is of points. */
  Errors errors(JavaRDD<LabeledPoint> points, State state);

  /** Figures of points of which there are some, by their names. */
  Map<String, Double> figures(Errors errors);

  /** Spark's own stage that scores as this does. */
  Transformer model(State state, String features);
}
