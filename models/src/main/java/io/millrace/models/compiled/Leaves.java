package io.millrace.models.compiled;

import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.Vector;

/**
 * Sets the number of the leaf of each tree.
 *
 * @param first the first leaf of each tree, for numbers are its own
 */
// The arrays are read, never compared.
@SuppressWarnings("ArrayRecordComponent")
record Leaves(Slot features, Slot output, Trees trees, int[] first) implements RowStage {

  /** Of many trees, a vector; without a name for it, nothing. */
  static RowStage of(String features, String output, Columns columns, Trees trees)
      throws Uncompiled {
    Slot read = columns.vector(features);
    Slot written = Outputs.vector(output, trees.roots().length, columns);
    return written == null
        ? Together.NOTHING
        : new Leaves(read, written, trees, trees.firstLeaves());
  }

  /** Of one tree, a number; without a name for it, nothing. */
  static RowStage ofOne(String features, String output, Columns columns, Trees tree)
      throws Uncompiled {
    return Predicting.of(features, output, columns, tree::leaf);
  }

  @Override
  public boolean run(Cells row) {
    row.vector(output, new DenseVector(numbers(Features.of(row, features))));
    return true;
  }

  private double[] numbers(Vector vector) {
    int[] leaves = trees.leaves(vector);
    double[] numbers = new double[leaves.length];
    for (int i = 0; i < leaves.length; i++) {
      numbers[i] = leaves[i] - first[i];
    }
    return numbers;
  }
}
