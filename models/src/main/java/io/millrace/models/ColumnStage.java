package io.millrace.models;

import java.util.List;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.VectorAssembler;

/** Turns columns into others, which take their place among the features. */
public sealed interface ColumnStage extends Stage permits SingleColumn, Custom.Stage {
  /** The columns that it reads. */
  List<String> inputs();

  /** The columns that it adds. */
  List<String> outputs();

  /** Spark's stage, not yet fitted. */
  PipelineStage stage();

  /** Puts columns into one vector; a null becomes NaN, which marks the row as incomplete. */
  static PipelineStage assembler(List<String> columns, String output) {
    return new VectorAssembler()
        .setInputCols(columns.toArray(String[]::new))
        .setOutputCol(output)
        .setHandleInvalid("keep");
  }
}
