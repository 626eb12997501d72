package io.millrace.models.compiled;

import org.apache.spark.ml.feature.ElementwiseProduct;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;

/** A vector times another, value by value, as an {@link ElementwiseProduct} gives it. */
@SuppressWarnings("ArrayRecordComponent")
record Multiplying(Source input, Slot output, double[] factors) implements RowStage {
  static RowStage of(ElementwiseProduct stage, Columns columns) throws Uncompiled {
    Source input = Source.vector(stage.getInputCol(), columns);
    double[] factors = stage.getScalingVec().toArray();
    return new Multiplying(input, columns.addVector(stage.getOutputCol(), factors.length), factors);
  }

  @Override
  public boolean run(Cells row) {
    Vector vector = input.vector(row, factors.length);
    int[] indices = vector instanceof SparseVector sparse ? sparse.indices() : null;
    double[] values = Form.stored(vector).clone();
    for (int i = 0; i < values.length; i++) {
      values[i] *= factors[indices == null ? i : indices[i]];
    }
    row.vector(output, Form.with(vector, values));
    return true;
  }
}
