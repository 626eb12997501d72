package io.millrace.models.compiled;

import java.util.Locale;
import org.apache.spark.ml.feature.Tokenizer;
import org.jspecify.annotations.Nullable;

/** Splits a text at single white-space characters, in lower case, as {@link Tokenizer} does. */
record Splitting(Source input, Slot output) implements RowStage {
  static RowStage of(Tokenizer stage, Columns columns) throws Uncompiled {
    Source input = Source.text(stage.getInputCol(), columns);
    return new Splitting(input, columns.addWords(stage.getOutputCol()));
  }

  @Override
  public boolean run(Cells row) {
    row.words(output, words(input.text(row)));
    return true;
  }

  private static @Nullable String[] words(String text) {
    return text.toLowerCase(Locale.getDefault()).split("\\s");
  }
}
