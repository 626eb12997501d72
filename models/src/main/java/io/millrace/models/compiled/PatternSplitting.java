package io.millrace.models.compiled;

import java.util.Arrays;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.ml.feature.RegexTokenizer;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a text that match a pattern, or lie between matches, as a {@link RegexTokenizer}
 * gives them.
 *
 * @param gaps whether the pattern stands for what is between the words
 * @param lower whether words are in lower case
 * @param shortest how long a word is at least
 */
record PatternSplitting(
    Source input, Slot output, Pattern pattern, boolean gaps, boolean lower, int shortest)
    implements RowStage {
  static RowStage of(RegexTokenizer stage, Columns columns) throws Uncompiled {
    Source input = Source.text(stage.getInputCol(), columns);
    return new PatternSplitting(
        input,
        columns.addWords(stage.getOutputCol()),
        Pattern.compile(stage.getPattern()),
        stage.getGaps(),
        stage.getToLowercase(),
        stage.getMinTokenLength());
  }

  @Override
  public boolean run(Cells row) {
    String text = input.text(row);
    row.words(output, words(lower ? text.toLowerCase(Locale.getDefault()) : text));
    return true;
  }

  private @Nullable String[] words(String text) {
    Stream<String> words =
        gaps
            ? Arrays.stream(pattern.split(text))
            : pattern.matcher(text).results().map(MatchResult::group);
    return words.filter(word -> word.length() >= shortest).toArray(String[]::new);
  }
}
