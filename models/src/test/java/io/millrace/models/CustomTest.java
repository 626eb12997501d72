package io.millrace.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.ml.feature.Bucketizer;
import org.apache.spark.ml.feature.Word2Vec;
import org.junit.jupiter.api.Test;

class CustomTest {
  private static final String FEATURE = "org.apache.spark.ml.feature.";

  @Test
  void setsParamsOfEverySort() {
    Bucketizer made =
        (Bucketizer)
            stage(
                    FEATURE + "Bucketizer",
                    Map.of("inputCol", "a", "outputCol", "b", "splits", "-Infinity, 0, 2.5"))
                .stage();
    assertThat(made.getSplits()).containsExactly(Double.NEGATIVE_INFINITY, 0.0, 2.5);

    Word2Vec words =
        (Word2Vec)
            stage(
                    FEATURE + "Word2Vec",
                    Map.of("inputCol", "a", "outputCol", "b", "seed", "7", "stepSize", "0.5"))
                .stage();
    assertThat(words.getSeed()).isEqualTo(7L);
    assertThat(words.getStepSize()).isEqualTo(0.5);
  }

  @Test
  void tellsItsColumnsByItsParams() {
    Custom.Stage stage =
        stage(FEATURE + "Interaction", Map.of("inputCols", "[\"a\", \"b\"]", "outputCol", "c"));

    assertThat(stage.inputs()).containsExactly("a", "b");
    assertThat(stage.outputs()).containsExactly("c");
  }

  @Test
  void tellsWhatAClassLearns() {
    assertThat(stage("org.apache.spark.ml.classification.FMClassifier", Map.of()).task())
        .isEqualTo(Task.CLASSIFICATION);
    assertThat(stage("org.apache.spark.ml.regression.IsotonicRegression", Map.of()).task())
        .isEqualTo(Task.REGRESSION);
    assertThat(stage("org.apache.spark.ml.clustering.KMeans", Map.of()).task())
        .isEqualTo(Task.CLUSTERING);
  }

  @Test
  void refusesWhatIsNoStage() {
    refuses(
        "com.example.MyStage",
        Map.of(),
        "Unknown class com.example.MyStage. Put its jar on the class path of the job");
    refuses(
        "java.lang.String",
        Map.of(),
        "Expected a class that extends org.apache.spark.ml.PipelineStage, found java.lang.String");
  }

  @Test
  void refusesParamsThatTheClassDoesNotTake() {
    refuses(
        FEATURE + "NGram",
        Map.of("inputcol", "a"),
        "Unknown param 'inputcol' of org.apache.spark.ml.feature.NGram. Known are inputCol, n,"
            + " outputCol. Did you mean 'inputCol'?");
    refuses(
        FEATURE + "NGram",
        Map.of("n", "two"),
        "Expected a whole number for n of org.apache.spark.ml.feature.NGram, found 'two'");
    refuses(
        FEATURE + "HashingTF",
        Map.of("binary", "1"),
        "Expected true or false for binary of org.apache.spark.ml.feature.HashingTF, found '1'");
    refuses(
        FEATURE + "Bucketizer",
        Map.of("splits", "0, b"),
        "Expected numbers with commas between them for splits of"
            + " org.apache.spark.ml.feature.Bucketizer, found '0, b'");
    refuses(
        FEATURE + "NGram",
        Map.of("n", "0"),
        "Cannot set n of org.apache.spark.ml.feature.NGram to '0'. It is number elements per n-gram"
            + " (>=1)");
  }

  @Test
  void refusesAClassInAPlaceThatItCannotTake() {
    Learner forest = Clicks.FOREST;
    Custom.Stage lost = stage(FEATURE + "SQLTransformer", Map.of("statement", "select 1"));
    assertThatThrownBy(() -> recipe(lost, forest))
        .hasMessage(
            "Cannot tell which columns org.apache.spark.ml.feature.SQLTransformer reads. Name them"
                + " with reads, and with writes those that it adds");
    Custom.Stage last = stage(FEATURE + "Normalizer", Map.of());
    assertThatThrownBy(() -> recipe(last))
        .hasMessage(
            "Needs a stage that learns as the last of the pipeline, found"
                + " org.apache.spark.ml.feature.Normalizer. Put one behind it, such as"
                + " random-forest");
    Custom.Stage own =
        stage("org.apache.spark.ml.classification.FMClassifier", Map.of("labelCol", "y"));
    assertThatThrownBy(() -> recipe(own))
        .hasMessage(
            "Cannot set labelCol of org.apache.spark.ml.classification.FMClassifier: the training"
                + " sets it. Leave it out");
  }

  private static Recipe recipe(Stage... stages) {
    return Recipe.of(List.of("hour"), List.of(stages), Optional.of("is_fraud"));
  }

  private static Custom.Stage stage(String name, Map<String, String> params) {
    return new Custom.Stage(name, params, List.of(), List.of(), Optional.empty());
  }

  private static void refuses(String name, Map<String, String> params, String message) {
    assertThatThrownBy(() -> stage(name, params))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
