package io.millrace.models.compiled;

import java.util.Locale;
import org.apache.spark.ml.feature.Tokenizer;
import org.jspecify.annotations.Nullable;

/** Splits a text at single white-space characters, in lower case, as {@link Tokenizer} does. */
record Splitting(Slot input, Slot output) implements RowStage {
  static RowStage of(Tokenizer stage, Columns columns) throws Uncompiled {
    return new Splitting(columns.text(stage.getInputCol()), columns.addWords(stage.getOutputCol()));
  }

  @Override
  public boolean run(Cells row) {
    String text = row.text(input);
    if (text == null) {
      throw new RowFault("Cannot split a text that is null into words");
    }
    row.words(output, words(text));
    return true;
  }

  private static @Nullable String[] words(String text) {
    return text.toLowerCase(Locale.getDefault()).split("\\s");
  }
}
