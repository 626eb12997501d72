package io.millrace.models.compiled;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.spark.ml.feature.VectorAssembler;

/** Refuses rows with a feature that is null or not a finite number. */
record Complete(List<String> names, List<Slot> features) implements RowStage {
  static Complete of(VectorAssembler assembler, Columns columns) throws Uncompiled {
    List<Slot> features = new ArrayList<>();
    for (String name : assembler.getInputCols()) {
      features.add(columns.any(name));
    }
    return new Complete(List.of(assembler.getInputCols()), List.copyOf(features));
  }

  @Override
  public boolean run(Cells row) {
    for (int i = 0; i < features.size(); i++) {
      Slot feature = features.get(i);
      if (row.isNull(feature)) {
        throw new RowFault("Cannot score a row whose feature " + names.get(i) + " is null");
      }
      if (!finite(row, feature)) {
        throw new RowFault(
            "Cannot score a row whose feature " + names.get(i) + " is not a finite number");
      }
    }
    return true;
  }

  private static boolean finite(Cells row, Slot feature) {
    return feature.kind() == Slot.Kind.VECTOR
        ? Finite.all(Objects.requireNonNull(row.vector(feature)))
        : Double.isFinite(row.number(feature));
  }
}
