package io.millrace.models.online;

import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.classification.LogisticRegressionModel;
import org.apache.spark.mllib.classification.LogisticRegressionWithSGD;
import org.apache.spark.mllib.regression.LabeledPoint;

/** Streaming logistic regression, as spark-mllib has it. */
@Doc("Two classes by a linear boundary, with probabilities, by gradient descent on each batch")
public record LogisticRegression(
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
  public LogisticRegression {
    Checks.descent(step, iterations, tolerance, regularization, sample);
  }

  @Override
  public boolean labelled() {
    return true;
  }

  @Override
  public boolean binary() {
    return true;
  }

  @Override
  public State start(int features, long seed) {
    return Descent.start(features);
  }

  @Override
  public State from(Transformer learned, long rows) {
    if (learned instanceof LogisticRegressionModel model && model.numClasses() == 2) {
      return Descent.from(model.coefficients(), model.intercept(), intercept);
    }
    throw new IllegalArgumentException("it is a " + learned.getClass().getSimpleName());
  }

  @Override
  public State learn(JavaRDD<LabeledPoint> points, State before) {
    LogisticRegressionWithSGD algorithm =
        new LogisticRegressionWithSGD(step, iterations, regularization, sample);
    algorithm.optimizer().setConvergenceTol(tolerance);
    return Descent.learn(algorithm.setValidateData(false), points, before, intercept);
  }

  @Override
  public Errors errors(JavaRDD<LabeledPoint> points, State state) {
    double[] weights = state.vector(0);
    return Errors.of(points, point -> error(weights, point));
  }

  private static Errors error(double[] weights, LabeledPoint point) {
    double margin = Descent.margin(weights, point);
    boolean told = margin > 0;
    boolean is = point.label() > 0;
    return new Errors(1, softplus(is ? -margin : margin), told == is ? 1 : 0);
  }

  /** The logarithm of 1 + e^x, which does not overflow. */
  private static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  @Override
  public Map<String, Double> figures(Errors errors) {
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("accuracy", errors.meanOther());
    figures.put("log_loss", errors.meanLoss());
    return figures;
  }

  @Override
  public Transformer model(State state, String features) {
    return new LogisticRegressionModel(
            "logistic_regression", Descent.coefficients(state), Descent.intercept(state))
        .setFeaturesCol(features);
  }
}
