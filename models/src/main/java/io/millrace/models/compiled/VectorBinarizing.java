package io.millrace.models.compiled;

import java.util.Arrays;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;

/** {@link Binarizing} of each value of a vector. */
record VectorBinarizing(Source input, Slot output, double threshold) implements RowStage {
  @Override
  public boolean run(Cells row) {
    row.vector(output, binarized(input.vector(row)));
    return true;
  }

  private Vector binarized(Vector vector) {
    return vector instanceof SparseVector sparse && threshold >= 0
        ? above(sparse)
        : Form.shorter(
            Arrays.stream(vector.toArray()).map(value -> isAbove(value) ? 1 : 0).toArray());
  }

  /** NaN is above a negative threshold, and below others. */
  private boolean isAbove(double value) {
    return threshold < 0 ? !(value <= threshold) : value > threshold;
  }

  private Vector above(SparseVector vector) {
    int[] indices = new int[vector.values().length];
    int count = 0;
    for (int i = 0; i < indices.length; i++) {
      if (vector.values()[i] > threshold) {
        indices[count++] = vector.indices()[i];
      }
    }
    double[] ones = new double[count];
    Arrays.fill(ones, 1);
    Vector ofOnes = new SparseVector(vector.size(), Arrays.copyOf(indices, count), ones);
    return Form.isSparse(vector.size(), count) ? ofOnes : new DenseVector(ofOnes.toArray());
  }
}
