package io.millrace.models.compiled;

import java.util.Arrays;
import org.apache.spark.ml.feature.IDFModel;
import org.apache.spark.ml.feature.MaxAbsScalerModel;
import org.apache.spark.ml.feature.RobustScalerModel;
import org.apache.spark.ml.feature.StandardScalerModel;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;
import org.jspecify.annotations.Nullable;

/**
 * A vector in which each value is multiplied by the factor of its place, as scalers and {@link
 * IDFModel} do. The form of the vector stays.
 */
@SuppressWarnings("ArrayRecordComponent")
record Scaling(Source input, Slot output, double[] factors) implements RowStage {
  static RowStage standard(StandardScalerModel model, Columns columns) throws Uncompiled {
    return of(
        Source.vector(model.getInputCol(), columns),
        columns.addVector(model.getOutputCol(), model.mean().size()),
        model.getWithMean() ? model.mean() : null,
        model.getWithStd() ? model.std() : null);
  }

  static RowStage robust(RobustScalerModel model, Columns columns) throws Uncompiled {
    return of(
        Source.vector(model.getInputCol(), columns),
        columns.addVector(model.getOutputCol(), model.median().size()),
        model.getWithCentering() ? model.median() : null,
        model.getWithScaling() ? model.range() : null);
  }

  private static RowStage of(
      Source input, Slot output, @Nullable Vector centre, @Nullable Vector spread) {
    if (centre != null) {
      double[] factors = spread == null ? ones(centre.size()) : inverse(spread, 0);
      return new Shifting(input, output, centre.toArray(), factors);
    }
    return spread == null
        ? new Copying(input.slot(), output)
        : new Scaling(input, output, inverse(spread, 0));
  }

  /** By the greatest absolute value of each place. */
  static RowStage greatest(MaxAbsScalerModel model, Columns columns) throws Uncompiled {
    Source input = Source.vector(model.getInputCol(), columns);
    double[] factors = inverse(model.maxAbs(), 1);
    return new Scaling(input, columns.addVector(model.getOutputCol(), factors.length), factors);
  }

  static RowStage inverseFrequency(IDFModel model, Columns columns) throws Uncompiled {
    Source input = Source.vector(model.getInputCol(), columns);
    double[] factors = model.idf().toArray();
    return new Scaling(input, columns.addVector(model.getOutputCol(), factors.length), factors);
  }

  private static double[] inverse(Vector vector, double ofZero) {
    return Arrays.stream(vector.toArray()).map(value -> value == 0 ? ofZero : 1 / value).toArray();
  }

  private static double[] ones(int size) {
    double[] ones = new double[size];
    Arrays.fill(ones, 1);
    return ones;
  }

  @Override
  public boolean run(Cells row) {
    Vector vector = input.vector(row);
    row.vector(output, Form.with(vector, scaled(vector)));
    return true;
  }

  private double[] scaled(Vector vector) {
    if (vector instanceof SparseVector sparse) {
      return scaled(sparse.values(), sparse.indices());
    }
    double[] values = Form.copied(vector);
    input.atMost(values.length, factors.length);
    for (int i = 0; i < values.length; i++) {
      values[i] *= factors[i];
    }
    return values;
  }

  private double[] scaled(double[] values, int[] indices) {
    int last = indices.length - 1;
    input.atMost(last < 0 ? 0 : indices[last] + 1, factors.length);
    double[] scaled = new double[values.length];
    for (int i = 0; i <= last; i++) {
      scaled[i] = values[i] * factors[indices[i]];
    }
    return scaled;
  }
}
