package io.millrace.models.compiled;

import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;

/** Which of the two forms of a vector takes less room, as {@link Vector#compressed} decides. */
final class Form {
  private static final long BYTES_OF_AN_ENTRY = Double.BYTES + Integer.BYTES;
  private static final long BYTES_OF_A_HEADER = 12;

  private Form() {}

  /** Whether the sparse form takes less. */
  static boolean isSparse(int size, int nonzeros) {
    return BYTES_OF_AN_ENTRY * nonzeros + 2 * BYTES_OF_A_HEADER + Integer.BYTES
        < (long) Double.BYTES * size + BYTES_OF_A_HEADER;
  }

  /** The shorter form of these values, which become part of the vector if it is dense. */
  static Vector shorter(double[] values) {
    int nonzeros = nonzeros(values);
    return isSparse(values.length, nonzeros) ? sparse(values, nonzeros) : new DenseVector(values);
  }

  static int nonzeros(double[] values) {
    int nonzeros = 0;
    for (double value : values) {
      if (value != 0) {
        nonzeros++;
      }
    }
    return nonzeros;
  }

  private static Vector sparse(double[] values, int nonzeros) {
    int[] indices = new int[nonzeros];
    double[] kept = new double[nonzeros];
    int at = 0;
    for (int i = 0; i < values.length; i++) {
      if (values[i] != 0) {
        indices[at] = i;
        kept[at++] = values[i];
      }
    }
    return new SparseVector(values.length, indices, kept);
  }

  /** The values that a vector stores; nobody may change them. */
  static double[] stored(Vector vector) {
    return vector instanceof SparseVector sparse
        ? sparse.values()
        : ((DenseVector) vector).values();
  }

  /** All values of a vector, which the caller may change. */
  static double[] copied(Vector vector) {
    return vector instanceof SparseVector sparse
        ? sparse.toArray()
        : ((DenseVector) vector).values().clone();
  }

  /** A vector with other values in the same places. */
  static Vector with(Vector vector, double[] values) {
    return vector instanceof SparseVector sparse
        ? new SparseVector(sparse.size(), sparse.indices(), values)
        : new DenseVector(values);
  }
}
