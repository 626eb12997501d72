package io.millrace.models.compiled;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.feature.Binarizer;
import org.apache.spark.sql.types.DataTypes;

/** 1 for a number above a threshold, and 0 for others and null, as a {@link Binarizer} gives it. */
record Binarizing(Slot input, Slot output, double threshold) implements RowStage {
  static RowStage of(Binarizer stage, Columns columns) throws Uncompiled {
    Pairs pairs = Pairs.of(stage);
    List<RowStage> stages = new ArrayList<>();
    for (int i = 0; i < pairs.count(); i++) {
      double threshold =
          stage.isSet(stage.thresholds()) ? stage.getThresholds()[i] : stage.getThreshold();
      stages.add(one(pairs.inputs()[i], pairs.outputs()[i], threshold, columns));
    }
    return Together.of(stages.toArray(RowStage[]::new));
  }

  private static RowStage one(String input, String output, double threshold, Columns columns)
      throws Uncompiled {
    Slot slot = columns.any(input);
    if (slot.kind() == Slot.Kind.VECTOR && !Double.isNaN(threshold)) {
      Slot vector = columns.addVector(output, slot.size());
      return new VectorBinarizing(new Source(input, slot), vector, threshold);
    }
    if (!slot.type().equals(DataTypes.DoubleType)) {
      throw new Uncompiled("the column " + input + " is " + slot.type().simpleString());
    }
    return new Binarizing(slot, columns.addNumber(output, DataTypes.DoubleType), threshold);
  }

  @Override
  public boolean run(Cells row) {
    row.number(output, !row.isNull(input) && row.number(input) > threshold ? 1 : 0);
    return true;
  }
}
