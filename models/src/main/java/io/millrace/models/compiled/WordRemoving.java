package io.millrace.models.compiled;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.spark.ml.feature.StopWordsRemover;
import org.jspecify.annotations.Nullable;

/**
 * Words without those of a list, as a {@link StopWordsRemover} leaves them.
 *
 * @param locale by which words are put in lower case before they are compared; null to compare them
 *     as they are
 */
record WordRemoving(Source input, Slot output, Set<String> removed, @Nullable Locale locale)
    implements RowStage {
  static RowStage of(StopWordsRemover stage, Columns columns) throws Uncompiled {
    Pairs pairs = Pairs.of(stage);
    Source[] inputs = pairs.sources(column -> Source.words(column, columns));
    Locale locale = stage.getCaseSensitive() ? null : new Locale(stage.getLocale());
    Set<String> removed = new HashSet<>();
    for (String word : stage.getStopWords()) {
      removed.add(folded(word, locale));
    }
    List<RowStage> stages = new ArrayList<>();
    for (int i = 0; i < inputs.length; i++) {
      stages.add(
          new WordRemoving(inputs[i], columns.addWords(pairs.outputs()[i]), removed, locale));
    }
    return Together.of(stages.toArray(RowStage[]::new));
  }

  @Override
  public boolean run(Cells row) {
    row.words(output, Arrays.stream(input.words(row)).filter(this::isKept).toArray(String[]::new));
    return true;
  }

  private boolean isKept(@Nullable String word) {
    return word == null || !removed.contains(folded(word, locale));
  }

  private static String folded(String word, @Nullable Locale locale) {
    return locale == null ? word : word.toLowerCase(locale);
  }
}
