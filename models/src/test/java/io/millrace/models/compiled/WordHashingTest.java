package io.millrace.models.compiled;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.CountVectorizer;
import org.apache.spark.ml.feature.HashingTF;
import org.apache.spark.ml.feature.IDF;
import org.apache.spark.ml.feature.NGram;
import org.apache.spark.ml.feature.RegexTokenizer;
import org.apache.spark.ml.feature.StopWordsRemover;
import org.junit.jupiter.api.Test;

/** All stages that read words. */
class WordHashingTest {
  private static HashingTF hashing(String output) {
    return new HashingTF().setInputCol("words").setOutputCol(output);
  }

  private static CountVectorizer counting(String output) {
    return new CountVectorizer().setInputCol("words").setOutputCol(output);
  }

  @Test
  void countsWordsAsSparkDoes() throws Exception {
    PipelineModel model =
        FeatureRows.fitted(
            hashing("hashed"),
            hashing("few").setNumFeatures(3),
            new HashingTF("older", 1).setInputCol("words").setOutputCol("old").setNumFeatures(99),
            hashing("binary").setNumFeatures(3).setBinary(true),
            new IDF().setInputCol("few").setOutputCol("weighted").setMinDocFreq(2),
            counting("counted"),
            counting("known").setVocabSize(4).setMinTF(2),
            counting("share").setMinTF(0.3),
            counting("present").setBinary(true));

    Equality.Seen seen = Equality.holds(model, FeatureRows.dirty());

    assertThat(seen.refused().values()).isNotEmpty().containsOnly("Missing words in column words");
  }

  @Test
  void joinsAndRemovesWords() throws Exception {
    StopWordsRemover remover = new StopWordsRemover().setInputCol("words").setOutputCol("kept");
    PipelineModel model =
        FeatureRows.fitted(
            remover,
            new StopWordsRemover()
                .setInputCols(new String[] {"words", "kept"})
                .setOutputCols(new String[] {"exact", "turkish"})
                .setStopWords(new String[] {"the", "Red", "i", "ägäis"})
                .setCaseSensitive(true),
            new StopWordsRemover()
                .setInputCol("words")
                .setOutputCol("local")
                .setLocale("tr")
                .setStopWords(new String[] {"I", "ÄGÄIS"}),
            new NGram().setInputCol("kept").setOutputCol("pairs"),
            new NGram().setInputCol("words").setOutputCol("single").setN(1),
            new NGram().setInputCol("words").setOutputCol("triples").setN(3));

    Equality.Seen seen = Equality.holds(model, FeatureRows.dirty());

    assertThat(seen.scored()).isPositive();
    assertThat(Set.copyOf(seen.refused().values()))
        .containsExactly("Missing words in column words");
  }

  @Test
  void splitsByPatterns() throws Exception {
    Stream<RegexTokenizer> stages =
        Stream.of(
            new RegexTokenizer().setOutputCol("gaps"),
            new RegexTokenizer().setOutputCol("short").setMinTokenLength(0).setToLowercase(false),
            new RegexTokenizer()
                .setOutputCol("empty")
                .setMinTokenLength(0)
                .setPattern("")
                .setGaps(true),
            new RegexTokenizer().setOutputCol("found").setGaps(false).setPattern("(\\w)\\w*"),
            new RegexTokenizer().setOutputCol("long").setMinTokenLength(3).setPattern("[^\\p{L}]"));

    Equality.Seen seen =
        Equality.holds(
            FeatureRows.fitted(
                stages.map(stage -> stage.setInputCol("text")).toArray(PipelineStage[]::new)),
            FeatureRows.dirty());

    assertThat(Set.copyOf(seen.refused().values())).containsExactly("Missing text in column text");
  }
}
