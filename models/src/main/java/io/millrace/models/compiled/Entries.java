package io.millrace.models.compiled;

import java.util.Arrays;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;

/** The entries of a sparse vector while parts are set one after the other. */
final class Entries {
  private final int[] indices;
  private final double[] values;
  private int count;
  private int start;

  /** Room for so many at most. */
  Entries(int count) {
    this.indices = new int[count];
    this.values = new double[count];
  }

  void add(double value) {
    put(start++, value);
  }

  void add(Vector vector) {
    double[] stored = Form.stored(vector);
    int[] places = vector instanceof SparseVector sparse ? sparse.indices() : null;
    for (int i = 0; i < stored.length; i++) {
      put(start + (places == null ? i : places[i]), stored[i]);
    }
    start += vector.size();
  }

  /** Adds so many that are NaN. */
  void addMissing(int size) {
    for (int i = 0; i < size; i++) {
      put(start++, Double.NaN);
    }
  }

  private void put(int index, double value) {
    if (value != 0) {
      indices[count] = index;
      values[count++] = value;
    }
  }

  Vector vector(int size) {
    return count == indices.length
        ? new SparseVector(size, indices, values)
        : new SparseVector(size, Arrays.copyOf(indices, count), Arrays.copyOf(values, count));
  }
}
