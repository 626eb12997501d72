package io.millrace.models.compiled;

import java.util.StringJoiner;
import org.apache.spark.ml.feature.NGram;
import org.jspecify.annotations.Nullable;

/** Each {@code count} words in a row as one, with spaces between, as {@link NGram} joins them. */
record WordJoining(Source input, Slot output, int count) implements RowStage {
  static RowStage of(NGram stage, Columns columns) throws Uncompiled {
    Source input = Source.words(stage.getInputCol(), columns);
    return new WordJoining(input, columns.addWords(stage.getOutputCol()), stage.getN());
  }

  @Override
  public boolean run(Cells row) {
    @Nullable String[] words = input.words(row);
    String[] joined = new String[Math.max(0, words.length - count + 1)];
    for (int i = 0; i < joined.length; i++) {
      joined[i] = joined(words, i);
    }
    row.words(output, joined);
    return true;
  }

  private String joined(@Nullable String[] words, int from) {
    StringJoiner joiner = new StringJoiner(" ");
    for (int i = from; i < from + count; i++) {
      joiner.add(words[i]);
    }
    return joiner.toString();
  }
}
