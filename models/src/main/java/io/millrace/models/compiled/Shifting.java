package io.millrace.models.compiled;

import org.apache.spark.ml.linalg.DenseVector;

/**
 * A vector less another one, and then times a factor per place; always dense. A factor of one
 * changes no bit of a number.
 */
@SuppressWarnings("ArrayRecordComponent")
record Shifting(Source input, Slot output, double[] shifts, double[] factors) implements RowStage {
  @Override
  public boolean run(Cells row) {
    double[] values = Form.copied(input.vector(row));
    input.atMost(values.length, shifts.length);
    for (int i = 0; i < values.length; i++) {
      values[i] = (values[i] - shifts[i]) * factors[i];
    }
    row.vector(output, new DenseVector(values));
    return true;
  }
}
