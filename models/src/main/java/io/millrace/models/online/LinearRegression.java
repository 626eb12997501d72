package io.millrace.models.online;

import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.regression.LinearRegressionModel;
import org.apache.spark.mllib.optimization.SquaredL2Updater;
import org.apache.spark.mllib.regression.LabeledPoint;
import org.apache.spark.mllib.regression.LinearRegressionWithSGD;

/** Streaming linear regression, as spark-mllib has it. */
@Doc("A number as a weighted sum of the features, by gradient descent on each batch")
public record LinearRegression(
    @Doc("Length of the first step of a batch along the gradient; later ones are shorter")
        @Default("0.1")
        double step,
    @Doc("Most steps for each batch, each a pass over its rows") @Default("50") int iterations,
    @Doc("Change of the weights, as a share of them, below which a batch ends early")
        @Default("0.001")
        double tolerance,
    @Doc("Strength of the penalty on large weights") @Default("0.0") double regularization,
    @Doc("Share of a batch's rows that each step looks at") @Default("1.0") double sample,
    @Doc("Whether a constant is learned as well") @Default("true") boolean intercept)
    implements Algorithm {
  public LinearRegression {
    Checks.descent(step, iterations, tolerance, regularization, sample);
  }

  @Override
  public boolean labelled() {
    return true;
  }

  @Override
  public boolean binary() {
    return false;
  }

  @Override
  public State start(int features, long seed) {
    return Descent.start(features);
  }

  @Override
  public State from(Transformer learned, long rows) {
    if (learned instanceof LinearRegressionModel model) {
      return Descent.from(model.coefficients(), model.intercept(), intercept);
    }
    throw new IllegalArgumentException("it is a " + learned.getClass().getSimpleName());
  }

  @Override
  public State learn(JavaRDD<LabeledPoint> points, State before) {
    return Descent.learn(algorithm(), points, before, intercept);
  }

  /** Without the penalty it is that of spark-mllib's streaming one, which knows none. */
  private LinearRegressionWithSGD algorithm() {
    LinearRegressionWithSGD algorithm =
        new LinearRegressionWithSGD(step, iterations, regularization, sample);
    algorithm.optimizer().setConvergenceTol(tolerance);
    if (regularization > 0) {
      algorithm.optimizer().setUpdater(new SquaredL2Updater());
    }
    return algorithm;
  }

  @Override
  public Errors errors(JavaRDD<LabeledPoint> points, State state) {
    double[] weights = state.vector(0);
    return Errors.of(points, point -> error(weights, point));
  }

  private static Errors error(double[] weights, LabeledPoint point) {
    double error = Descent.margin(weights, point) - point.label();
    return new Errors(1, error * error, Math.abs(error));
  }

  @Override
  public Map<String, Double> figures(Errors errors) {
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("rmse", Math.sqrt(errors.meanLoss()));
    figures.put("mae", errors.meanOther());
    return figures;
  }

  @Override
  public Transformer model(State state, String features) {
    return new LinearRegressionModel(
            "linear_regression", Descent.coefficients(state), Descent.intercept(state), 1)
        .setFeaturesCol(features);
  }
}
