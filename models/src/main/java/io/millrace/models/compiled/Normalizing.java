package io.millrace.models.compiled;

import org.apache.spark.ml.feature.Normalizer;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;

/** A vector over its norm, or as it is if that is 0, as a {@link Normalizer} gives it. */
record Normalizing(Source input, Slot output, double p) implements RowStage {
  static RowStage of(Normalizer stage, Columns columns) throws Uncompiled {
    Source input = Source.vector(stage.getInputCol(), columns);
    Slot output = columns.addVector(stage.getOutputCol(), input.slot().size());
    return new Normalizing(input, output, stage.getP());
  }

  @Override
  public boolean run(Cells row) {
    Vector vector = input.vector(row);
    double norm = Vectors.norm(vector, p);
    row.vector(output, norm == 0 ? vector : over(vector, norm));
    return true;
  }

  private static Vector over(Vector vector, double norm) {
    double[] values = Form.stored(vector).clone();
    for (int i = 0; i < values.length; i++) {
      values[i] /= norm;
    }
    return Form.with(vector, values);
  }
}
