package io.millrace.models.compiled;

import java.util.Arrays;
import org.apache.spark.ml.classification.NaiveBayesModel;
import org.apache.spark.ml.linalg.BLAS;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.Matrix;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;

/** Naive Bayes over counts or yes and no: a linear function of features that are checked first. */
record Bayes(Affine affine, Allowed allowed) implements Scores {

  /** The features that a model takes. */
  enum Allowed {
    NOT_NEGATIVE("that are at least 0") {
      @Override
      boolean takes(double value) {
        return value >= 0.0;
      }
    },
    ZERO_OR_ONE("of 0 and 1") {
      @Override
      boolean takes(double value) {
        return value == 0.0 || value == 1.0;
      }
    };

    private final String wanted;

    Allowed(String wanted) {
      this.wanted = wanted;
    }

    abstract boolean takes(double value);

    Vector check(Vector features) {
      double[] values =
          features instanceof SparseVector sparse ? sparse.values() : features.toArray();
      for (double value : values) {
        if (!takes(value)) {
          throw new RowFault("Expected features " + wanted + ", but one is " + value);
        }
      }
      return features;
    }
  }

  static RowStage of(NaiveBayesModel model, Columns columns) throws Uncompiled {
    return Classifying.of(model, columns, new Softmax(scores(model), Thresholds.of(model)));
  }

  static Scores scores(NaiveBayesModel model) throws Uncompiled {
    return switch (model.getModelType()) {
      case "multinomial" ->
          new Bayes(new Affine(model.theta(), model.pi().toArray()), Allowed.NOT_NEGATIVE);
      case "complement" ->
          new ComplementBayes(new Affine(model.theta(), new double[model.theta().numRows()]));
      case "bernoulli" -> new Bayes(bernoulli(model), Allowed.ZERO_OR_ONE);
      case "gaussian" -> GaussianBayes.of(model);
      default -> throw new Uncompiled("naive Bayes of the type " + model.getModelType());
    };
  }

  private static Affine bernoulli(NaiveBayesModel model) {
    Matrix absent = model.theta().map(value -> Math.log1p(-Math.exp((double) value)));
    Matrix presentOrAbsent =
        model.theta().map(value -> (double) value - Math.log1p(-Math.exp((double) value)));
    double[] ones = new double[model.theta().numCols()];
    Arrays.fill(ones, 1.0);
    double[] constants = model.pi().toArray().clone();
    BLAS.gemv(1.0, absent, new DenseVector(ones), 1.0, new DenseVector(constants));
    return new Affine(presentOrAbsent, constants);
  }

  @Override
  public double[] of(Vector features) {
    return affine.of(allowed.check(features));
  }
}
