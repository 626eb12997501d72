package io.millrace.models.compiled;

import org.apache.spark.ml.feature.PCAModel;
import org.apache.spark.ml.linalg.DenseMatrix;
import org.apache.spark.ml.linalg.Vector;

/** A matrix times a vector, by the same routine as in a {@link PCAModel}. */
record Projecting(Source input, Slot output, DenseMatrix matrix) implements RowStage {
  static RowStage of(PCAModel model, Columns columns) throws Uncompiled {
    Source input = Source.vector(model.getInputCol(), columns);
    DenseMatrix matrix = model.pc().transpose();
    return new Projecting(input, columns.addVector(model.getOutputCol(), matrix.numRows()), matrix);
  }

  @Override
  public boolean run(Cells row) {
    Vector vector = input.vector(row, matrix.numCols());
    row.vector(output, matrix.multiply(vector));
    return true;
  }
}
