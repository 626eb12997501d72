package io.millrace.models.compiled;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.sql.types.StructType;

/**
 * A pipeline as plain stages over single rows. What it gives is bit for bit what {@link
 * PipelineModel#transform} gives, of every row that this takes. It travels to tasks, which share
 * it.
 */
public final class Program implements Serializable {
  private static final long serialVersionUID = 1;

  private final List<Input> inputs;
  private final List<RowStage> stages;
  private final Map<String, Slot> columns;
  private final int size;

  private Program(Columns columns, List<RowStage> stages) {
    this.inputs = columns.inputs();
    this.stages = List.copyOf(stages);
    this.columns = columns.all();
    this.size = columns.size();
  }

  /**
   * A pipeline over rows with these columns.
   *
   * @throws Uncompiled if a stage, or how it is set, is one that only Spark can run
   */
  public static Program of(PipelineModel model, StructType rows) throws Uncompiled {
    return of(model, rows, (stage, columns) -> List.of(Stages.compile(stage, columns)));
  }

  /**
   * The same, which refuses a row with a feature that is null or not a finite number where features
   * become a vector: some models stop at such a row, others answer nonsense.
   *
   * @throws Uncompiled if a stage, or how it is set, is one that only Spark can run
   */
  public static Program strict(PipelineModel model, StructType rows) throws Uncompiled {
    return of(model, rows, Program::checked);
  }

  /** Makes plain stages of one of Spark's. */
  private interface Compiling {
    List<RowStage> compile(Transformer stage, Columns columns) throws Uncompiled;
  }

  private static Program of(PipelineModel model, StructType rows, Compiling compiling)
      throws Uncompiled {
    Columns columns = new Columns(rows);
    List<RowStage> stages = new ArrayList<>();
    for (Transformer stage : flat(model)) {
      stages.addAll(compiling.compile(stage, columns));
    }
    return new Program(columns, stages);
  }

  private static List<RowStage> checked(Transformer stage, Columns columns) throws Uncompiled {
    List<RowStage> stages = new ArrayList<>();
    if (stage instanceof VectorAssembler assembler) {
      stages.add(Complete.of(assembler, columns));
    }
    stages.add(Stages.compile(stage, columns));
    return stages;
  }

  /** The stages of a pipeline, those of pipelines in it among them. */
  private static List<Transformer> flat(PipelineModel model) {
    List<Transformer> flat = new ArrayList<>();
    for (Transformer stage : model.stages()) {
      if (stage instanceof PipelineModel inner) {
        flat.addAll(flat(inner));
      } else {
        flat.add(stage);
      }
    }
    return flat;
  }

  /** Whether stages of a class are known, by its name; how they are set may still be in the way. */
  public static boolean knows(String type) {
    return Stages.knows(type);
  }

  /** The place of a column that rows have or a stage makes; names are compared without case. */
  public Optional<Slot> column(String name) {
    return Optional.ofNullable(columns.get(name));
  }

  /** All columns that the stages read and make. */
  Map<String, Slot> columns() {
    return columns;
  }

  /** The program at work, for one thread. */
  public Scorer open() {
    return new Scorer(
        inputs.stream().map(Input::open).toArray(Input.Reading[]::new),
        stages.toArray(RowStage[]::new),
        new Cells(size));
  }
}
