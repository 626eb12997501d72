package io.millrace.models.compiled;

import org.apache.spark.ml.feature.MinMaxScalerModel;
import org.apache.spark.ml.linalg.Vector;

/**
 * A vector with each value between two bounds, as a {@link MinMaxScalerModel} gives it.
 *
 * @param least of each place
 * @param factors of each place; 0 where it was always the same
 * @param low the lower bound
 * @param middle what becomes of a place that was always the same
 */
@SuppressWarnings("ArrayRecordComponent")
record Rescaling(
    Source input, Slot output, double[] least, double[] factors, double low, double middle)
    implements RowStage {
  static RowStage of(MinMaxScalerModel model, Columns columns) throws Uncompiled {
    Source input = Source.vector(model.getInputCol(), columns);
    double[] least = model.originalMin().toArray();
    return new Rescaling(
        input,
        columns.addVector(model.getOutputCol(), least.length),
        least,
        factors(least, model.originalMax().toArray(), model.getMax() - model.getMin()),
        model.getMin(),
        (model.getMin() + model.getMax()) / 2);
  }

  private static double[] factors(double[] least, double[] greatest, double scale) {
    double[] factors = new double[least.length];
    for (int i = 0; i < factors.length; i++) {
      double range = greatest[i] - least[i];
      factors[i] = range == 0 ? 0 : scale / range;
    }
    return factors;
  }

  @Override
  public boolean run(Cells row) {
    Vector vector = input.vector(row, least.length);
    double[] values = Form.copied(vector);
    for (int i = 0; i < values.length; i++) {
      values[i] = rescaled(i, values[i]);
    }
    row.vector(output, Form.shorter(values));
    return true;
  }

  private double rescaled(int place, double value) {
    if (Double.isNaN(value)) {
      return value;
    }
    return factors[place] == 0 ? middle : (value - least[place]) * factors[place] + low;
  }
}
