package io.millrace.models.compiled;

import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.regression.IsotonicRegressionModel;
import org.apache.spark.sql.types.DoubleType;

/**
 * Isotonic regression over one feature of a vector.
 *
 * @param index of the feature
 */
record Isotonic(IsotonicRegressionModel model, int index) implements Predictor {

  /** Isotonic regression over a number; where it is null, so is the prediction. */
  record OfNumber(Slot feature, Slot output, IsotonicRegressionModel model) implements RowStage {
    @Override
    public boolean run(Cells row) {
      if (!row.isNull(feature)) {
        row.number(output, model.predict(row.number(feature)));
      }
      return true;
    }
  }

  static RowStage of(IsotonicRegressionModel model, Columns columns) throws Uncompiled {
    String output = Outputs.needed(model.getPredictionCol());
    Slot feature = columns.any(model.getFeaturesCol());
    if (feature.type() instanceof DoubleType) {
      return new OfNumber(feature, columns.addNumber(output, feature.type()), model);
    }
    return Predicting.of(
        model.getFeaturesCol(), output, columns, new Isotonic(model, model.getFeatureIndex()));
  }

  @Override
  public double of(Vector features) {
    if (index >= features.size()) {
      throw new RowFault(
          "Expected a vector of at least %d features, but it has %d"
              .formatted(index + 1, features.size()));
    }
    return model.predict(features.apply(index));
  }
}
