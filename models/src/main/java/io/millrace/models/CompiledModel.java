package io.millrace.models;

import io.millrace.models.compiled.Cells;
import io.millrace.models.compiled.Program;
import io.millrace.models.compiled.RowFault;
import io.millrace.models.compiled.Scorer;
import io.millrace.models.compiled.Slot;
import io.millrace.models.compiled.Uncompiled;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/** A pipeline as plain stages over single rows. */
record CompiledModel(String version, Program program, List<Place> places) implements Scorable {
  /** All of a vector. */
  private static final int ALL = -1;

  /**
   * Where an output of a step lies.
   *
   * @param index of the number in a vector; {@link #ALL} for all of it, and for what is none
   */
  record Place(Slot slot, int index) implements Serializable {

    /** The value as Spark has it within a row; null where the model gives none. */
    @Nullable Object value(Cells cells) {
      if (cells.isNull(slot)) {
        return null;
      }
      return switch (slot.kind()) {
        case NUMBER -> number(cells.number(slot));
        case TEXT -> UTF8String.fromString(cells.text(slot));
        case WORDS -> throw new IllegalStateException("No model gives words");
        case VECTOR -> vector(cells);
      };
    }

    private Object number(double value) {
      if (slot.type() instanceof IntegerType) {
        return (int) value;
      }
      return value;
    }

    private Object vector(Cells cells) {
      Vector vector = Objects.requireNonNull(cells.vector(slot));
      return index == ALL
          ? UnsafeArrayData.fromPrimitiveArray(vector.toArray())
          : (Object) vector.apply(index);
    }
  }

  /**
   * A version as a step uses it.
   *
   * @param rows what the query hands over
   * @throws Uncompiled if only Spark can run it
   */
  static CompiledModel of(
      String version, PipelineModel model, StructType rows, List<Output> outputs)
      throws Uncompiled {
    Program program = Program.strict(model, rows);
    return new CompiledModel(version, program, places(program, outputs));
  }

  private static List<Place> places(Program program, List<Output> outputs) {
    List<Place> places = new ArrayList<>();
    for (Output output : outputs) {
      Slot slot =
          program
              .column(output.column())
              .orElseThrow(() -> new IllegalArgumentException("Unknown column " + output.column()));
      places.add(new Place(slot, output.index().orElse(ALL)));
    }
    return List.copyOf(places);
  }

  @Override
  public Work open() {
    return new Compiled(
        UTF8String.fromString(version), program.open(), places.toArray(Place[]::new));
  }

  private static final class Compiled implements Work {
    private final UTF8String version;
    private final Scorer scorer;
    private final Place[] places;

    Compiled(UTF8String version, Scorer scorer, Place[] places) {
      this.version = version;
      this.scorer = scorer;
      this.places = places;
    }

    @Override
    public UTF8String version() {
      return version;
    }

    @Override
    public @Nullable String score(InternalRow row, @Nullable Object[] result) {
      try {
        if (!scorer.score(row)) {
          return "The model leaves such rows out, as one of its stages says skip";
        }
      } catch (RowFault fault) {
        return fault.reason();
      }
      for (int i = 0; i < places.length; i++) {
        result[i] = places[i].value(scorer.cells());
      }
      return null;
    }

    @Override
    public void close() {}
  }
}
