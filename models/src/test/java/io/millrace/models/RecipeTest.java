package io.millrace.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RecipeTest {
  private static final Learner FOREST = new Classifier.RandomForest(20, 5, 32, 1, 1.0);
  private static final Optional<String> LABEL = Optional.of("is_fraud");

  @Test
  void putsAnOutputInPlaceOfItsFeature() {
    Recipe recipe =
        recipe(
            List.of("hour", "device", "dwell_ms"),
            indexer("device", "device_index"),
            encoder("device_index", "device_vector"),
            indexer("country", "country_index"),
            FOREST);

    assertThat(recipe.assembled()).containsExactly("hour", "device_vector", "dwell_ms");
    assertThat(recipe.inputs()).containsExactly("hour", "device", "dwell_ms", "country");
    assertThat(recipe.transformed()).containsExactly("device", "country");
  }

  @Test
  void takesAnOutputAsAFeature() {
    Recipe recipe =
        recipe(List.of("device_index", "hour"), indexer("device", "device_index"), FOREST);

    assertThat(recipe.assembled()).containsExactly("device_index", "hour");
    assertThat(recipe.inputs()).containsExactly("hour", "device");
  }

  @Test
  void refusesStagesInTheWrongOrder() {
    refuses(
        "Cannot have a stage behind the one that learns. Put random-forest last",
        FOREST,
        indexer("device", "device_index"));
    refuses(
        "Cannot change a column once all are scaled. Put string-indexer before standard-scaler",
        new VectorStage.StandardScaler(true, true),
        indexer("device", "device_index"),
        FOREST);
    refuses(
        "Cannot read device_index before it is written. Put one-hot-encoder behind the stage with"
            + " that output",
        encoder("device_index", "device_vector"),
        indexer("device", "device_index"),
        FOREST);
    refuses(
        "Needs a stage that learns as the last of the pipeline, such as random-forest",
        indexer("device", "device_index"));
  }

  @Test
  void refusesNamesThatClash() {
    refuses(
        "Cannot write x twice. Give each stage an output of its own",
        indexer("device", "x"),
        indexer("country", "x"),
        FOREST);
    refuses(
        "Cannot use a column called prediction: the model itself writes such columns. Rename it in"
            + " a step",
        indexer("device", "prediction"),
        FOREST);
    assertThatThrownBy(() -> recipe(List.of("hour", "HOUR"), FOREST))
        .hasMessage("Cannot list the feature HOUR twice");
    assertThatThrownBy(() -> recipe(List.of("hour", "is_fraud"), FOREST))
        .hasMessage("Cannot use is_fraud as label and as input. Take it off the features");
    assertThatThrownBy(() -> indexer("device", "device"))
        .hasMessage("Cannot write device over its own input. Give the output a name of its own");
  }

  @Test
  void refusesALabelTooManyOrTooFew() {
    assertThatThrownBy(() -> Recipe.of(List.of("hour"), List.of(FOREST), Optional.empty()))
        .hasMessage("Missing label, the column that random-forest learns to tell");
    refuses(
        "Cannot use the label is_fraud: k-means learns without one", new Clustering.KMeans(2, 20));
    assertThatThrownBy(() -> recipe(List.of(), FOREST))
        .hasMessage("Needs at least one feature, such as [hour, device]");
  }

  @Test
  void refusesNumbersOutOfRange() {
    assertThatThrownBy(() -> new Classifier.RandomForest(0, 5, 32, 1, 1.0))
        .hasMessage("Expected trees of 1 or more, found 0");
    assertThatThrownBy(() -> new Classifier.DecisionTree(31, 32, 1))
        .hasMessage("Expected depth of 0 to 30, found 31");
    assertThatThrownBy(() -> new Classifier.RandomForest(2, 5, 32, 1, 1.5))
        .hasMessage("Expected sample of more than 0 and at most 1, found 1.5");
    assertThatThrownBy(() -> new ScalarStage.Bucketizer("a", "b", List.of(2.0, 1.0)))
        .hasMessage("Expected ascending borders, found [2.0, 1.0]");
  }

  private static Recipe recipe(List<String> features, Stage... pipeline) {
    return Recipe.of(features, List.of(pipeline), LABEL);
  }

  private static Stage indexer(String input, String output) {
    return new ScalarStage.StringIndexer(input, output, Stage.Invalid.KEEP);
  }

  private static Stage encoder(String input, String output) {
    return new ScalarStage.OneHotEncoder(input, output, true, Stage.Invalid.KEEP);
  }

  private static void refuses(String message, Stage... pipeline) {
    assertThatThrownBy(() -> recipe(List.of("hour"), pipeline))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
