package io.millrace.models.compiled;

import java.util.Arrays;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;

/**
 * Numbers and vectors one after the other in one vector, in the form that {@link VectorAssembler}
 * chooses.
 *
 * @param keeping whether what is missing becomes NaN
 */
@SuppressWarnings("ArrayRecordComponent")
record Assembling(Source[] inputs, Slot output, boolean keeping) implements RowStage {
  static RowStage of(VectorAssembler stage, Columns columns) throws Uncompiled {
    Invalid invalid = Invalid.of(stage);
    Source[] inputs = inputs(stage, columns, invalid);
    Slot output = columns.addVector(stage.getOutputCol(), size(inputs));
    RowStage assembling = new Assembling(inputs, output, invalid == Invalid.KEEP);
    return invalid == Invalid.SKIP ? Together.of(Dropping.of(inputs), assembling) : assembling;
  }

  private static Source[] inputs(VectorAssembler stage, Columns columns, Invalid invalid)
      throws Uncompiled {
    Source[] inputs = new Source[stage.getInputCols().length];
    for (int i = 0; i < inputs.length; i++) {
      String name = stage.getInputCols()[i];
      Slot slot = columns.any(name);
      check(name, slot, invalid);
      inputs[i] = new Source(name, slot);
    }
    return inputs;
  }

  private static void check(String name, Slot slot, Invalid invalid) throws Uncompiled {
    if (slot.kind() != Slot.Kind.NUMBER && slot.kind() != Slot.Kind.VECTOR) {
      throw new Uncompiled("the column " + name + " is " + slot.type().simpleString());
    }
    if (invalid == Invalid.KEEP && width(slot) == Slot.NO_SIZE) {
      throw new Uncompiled("the size of the vectors in column " + name + " is not known");
    }
  }

  /** The size of the vector; the first row decides it where that of an input is not known. */
  private static int size(Source[] inputs) {
    boolean known = Arrays.stream(inputs).allMatch(input -> width(input.slot()) != Slot.NO_SIZE);
    return known
        ? Arrays.stream(inputs).mapToInt(input -> width(input.slot())).sum()
        : Slot.NO_SIZE;
  }

  private static int width(Slot slot) {
    return slot.kind() == Slot.Kind.NUMBER ? 1 : slot.size();
  }

  @Override
  public boolean run(Cells row) {
    int size = 0;
    int nonzeros = 0;
    for (Source input : inputs) {
      Slot slot = input.slot();
      if (row.isNull(slot)) {
        size += missing(input);
        nonzeros += width(slot);
      } else if (slot.kind() == Slot.Kind.NUMBER) {
        size++;
        nonzeros += nonzeros(input, row.number(slot));
      } else {
        Vector vector = input.vector(row);
        size += vector.size();
        nonzeros += Form.nonzeros(Form.stored(vector));
      }
    }
    row.vector(
        output, Form.isSparse(size, nonzeros) ? sparse(row, size, nonzeros) : dense(row, size));
    return true;
  }

  private int missing(Source input) {
    if (keeping) {
      return width(input.slot());
    }
    throw new RowFault("Cannot assemble column " + input.column() + ", which is null");
  }

  private int nonzeros(Source input, double number) {
    if (Double.isNaN(number) && !keeping) {
      throw new RowFault("Cannot assemble column " + input.column() + ", which is NaN");
    }
    return number == 0 ? 0 : 1;
  }

  /** Zeros become those without a sign, here as in the sparse form. */
  private Vector dense(Cells row, int size) {
    double[] values = new double[size];
    int start = 0;
    for (Source input : inputs) {
      Slot slot = input.slot();
      if (row.isNull(slot)) {
        Arrays.fill(values, start, start + width(slot), Double.NaN);
        start += width(slot);
      } else if (slot.kind() == Slot.Kind.NUMBER) {
        values[start++] = row.number(slot) + 0.0;
      } else {
        start += copy(input.vector(row), values, start);
      }
    }
    return new DenseVector(values);
  }

  private static int copy(Vector vector, double[] values, int start) {
    double[] stored = Form.stored(vector);
    int[] indices = vector instanceof SparseVector sparse ? sparse.indices() : null;
    for (int i = 0; i < stored.length; i++) {
      values[start + (indices == null ? i : indices[i])] = stored[i] + 0.0;
    }
    return vector.size();
  }

  private Vector sparse(Cells row, int size, int nonzeros) {
    Entries entries = new Entries(nonzeros);
    for (Source input : inputs) {
      Slot slot = input.slot();
      if (row.isNull(slot)) {
        entries.addMissing(width(slot));
      } else if (slot.kind() == Slot.Kind.NUMBER) {
        entries.add(row.number(slot));
      } else {
        entries.add(input.vector(row));
      }
    }
    return entries.vector(size);
  }
}
