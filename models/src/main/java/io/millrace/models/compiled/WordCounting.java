package io.millrace.models.compiled;

import java.util.HashMap;
import java.util.Map;
import org.apache.spark.ml.feature.CountVectorizerModel;
import org.jspecify.annotations.Nullable;

/**
 * How often each word of a vocabulary occurs, as a {@link CountVectorizerModel} counts them.
 *
 * @param least how often a word occurs at least, or below 1 its share of the words
 * @param binary whether each that occurs counts 1
 */
record WordCounting(
    Source input, Slot output, Map<String, Integer> vocabulary, double least, boolean binary)
    implements RowStage {
  static RowStage of(CountVectorizerModel model, Columns columns) throws Uncompiled {
    Source input = Source.words(model.getInputCol(), columns);
    String[] words = model.vocabulary();
    Map<String, Integer> vocabulary = new HashMap<>();
    for (int i = 0; i < words.length; i++) {
      vocabulary.put(words[i], i);
    }
    Slot output = columns.addVector(model.getOutputCol(), words.length);
    return new WordCounting(input, output, vocabulary, model.getMinTF(), model.getBinary());
  }

  @Override
  public boolean run(Cells row) {
    @Nullable String[] words = input.words(row);
    int[] indices = new int[words.length];
    int count = 0;
    for (@Nullable String word : words) {
      Integer index = word == null ? null : vocabulary.get(word);
      if (index != null) {
        indices[count++] = index;
      }
    }
    double atLeast = least >= 1 ? least : words.length * least;
    row.vector(output, Counts.of(indices, count, vocabulary.size(), atLeast, binary));
    return true;
  }
}
