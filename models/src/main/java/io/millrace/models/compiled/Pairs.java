package io.millrace.models.compiled;

import org.apache.spark.ml.param.shared.HasInputCol;
import org.apache.spark.ml.param.shared.HasInputCols;
import org.apache.spark.ml.param.shared.HasOutputCol;
import org.apache.spark.ml.param.shared.HasOutputCols;

/** The columns that a stage reads, be it one or several, and those that it makes of each. */
@SuppressWarnings("ArrayRecordComponent")
record Pairs(String[] inputs, String[] outputs) {
  static <T extends HasInputCol & HasInputCols & HasOutputCol & HasOutputCols> Pairs of(T stage)
      throws Uncompiled {
    Pairs pairs =
        stage.isSet(stage.inputCols())
            ? new Pairs(stage.getInputCols(), stage.getOutputCols())
            : new Pairs(new String[] {stage.getInputCol()}, new String[] {stage.getOutputCol()});
    if (pairs.inputs.length != pairs.outputs.length) {
      throw new Uncompiled(
          "the stage " + stage.uid() + " makes more or fewer columns than it reads");
    }
    return pairs;
  }

  int count() {
    return inputs.length;
  }

  /** The columns that it reads, found before any that it makes takes the place of one of them. */
  Source[] sources(Lookup lookup) throws Uncompiled {
    Source[] sources = new Source[count()];
    for (int i = 0; i < sources.length; i++) {
      sources[i] = lookup.find(inputs[i]);
    }
    return sources;
  }

  /** Finds a column by name. */
  @FunctionalInterface
  interface Lookup {
    Source find(String column) throws Uncompiled;
  }
}
