package io.millrace.models.compiled;

import org.apache.spark.ml.clustering.GaussianMixtureModel;
import org.apache.spark.ml.impl.Utils;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.stat.distribution.MultivariateGaussian;
import org.apache.spark.sql.types.DataTypes;
import org.jspecify.annotations.Nullable;

/** A mixture of normal distributions: how likely features are of each. */
// The arrays are read, never compared.
@SuppressWarnings("ArrayRecordComponent")
record Mixture(
    Slot features,
    @Nullable Slot probability,
    @Nullable Slot prediction,
    double[] weights,
    MultivariateGaussian[] gaussians)
    implements RowStage {

  static RowStage of(GaussianMixtureModel model, Columns columns) throws Uncompiled {
    String prediction = model.getPredictionCol();
    return new Mixture(
        columns.vector(model.getFeaturesCol()),
        Outputs.vector(model.getProbabilityCol(), model.weights().length, columns),
        prediction.isEmpty() ? null : columns.addNumber(prediction, DataTypes.IntegerType),
        model.weights(),
        model.gaussians());
  }

  @Override
  public boolean run(Cells row) {
    if (probability != null || prediction != null) {
      set(row, probabilities(Features.of(row, features)));
    }
    return true;
  }

  private void set(Cells row, double[] probabilities) {
    if (probability != null) {
      row.vector(probability, new DenseVector(probabilities));
    }
    if (prediction != null) {
      row.number(prediction, Thresholds.greatest(probabilities));
    }
  }

  private double[] probabilities(Vector vector) {
    Vector point = Features.sized(vector, gaussians[0].mean().size());
    double[] probabilities = new double[weights.length];
    double sum = 0.0;
    for (int i = 0; i < probabilities.length; i++) {
      probabilities[i] = Utils.EPSILON() + weights[i] * gaussians[i].pdf(point);
      sum += probabilities[i];
    }
    for (int i = 0; i < probabilities.length; i++) {
      probabilities[i] /= sum;
    }
    return probabilities;
  }
}
