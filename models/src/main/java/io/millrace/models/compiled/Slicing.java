package io.millrace.models.compiled;

import java.util.Arrays;
import org.apache.spark.ml.feature.VectorSlicer;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;

/** Some values of a vector, by their indices, as a {@link VectorSlicer} picks them. */
@SuppressWarnings("ArrayRecordComponent")
record Slicing(Source input, Slot output, int[] indices) implements RowStage {
  static RowStage of(VectorSlicer stage, Columns columns) throws Uncompiled {
    if (stage.getNames().length > 0) {
      throw new Uncompiled("VectorSlicer picks features by name");
    }
    Source input = Source.vector(stage.getInputCol(), columns);
    int[] indices = stage.getIndices();
    return new Slicing(input, columns.addVector(stage.getOutputCol(), indices.length), indices);
  }

  @Override
  public boolean run(Cells row) {
    Vector vector = input.vector(row);
    row.vector(output, vector instanceof SparseVector sparse ? slice(sparse) : slice(vector));
    return true;
  }

  private Vector slice(Vector vector) {
    double[] values = Form.stored(vector);
    double[] slice = new double[indices.length];
    for (int i = 0; i < slice.length; i++) {
      slice[i] = value(values, indices[i]);
    }
    return new DenseVector(slice);
  }

  private double value(double[] values, int index) {
    if (index < values.length) {
      return values[index];
    }
    throw new RowFault(
        "Needs feature " + index + " of column " + input.column() + ", which has " + values.length);
  }

  /** Stays sparse; what lies behind the end counts as 0, as Spark has it. */
  private Vector slice(SparseVector vector) {
    Entries entries = new Entries(indices.length);
    for (int index : indices) {
      int at = Arrays.binarySearch(vector.indices(), index);
      entries.add(at < 0 ? 0 : vector.values()[at]);
    }
    return entries.vector(indices.length);
  }
}
