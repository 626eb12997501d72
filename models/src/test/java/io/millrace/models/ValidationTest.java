package io.millrace.models;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Trainer;
import io.millrace.engine.testing.Folders;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.ml.classification.DecisionTreeClassificationModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

class ValidationTest {
  private static final Optional<String> TIME = Optional.of("clicked_at");
  private final Path store = Folders.temporary("store");
  private final List<String> told = new ArrayList<>();

  /** Fraud shows in two columns together, which a tree without depth cannot tell. */
  @Test
  void takesTheBestOfWhatItTried() {
    Trainer.Trained trained =
        train(
            settings(
                Optional.of(2),
                Optional.of("accuracy"),
                grid("decision-tree.depth", "0", "4", "1"),
                2),
            Clicks.rows());

    StoredModel stored = ModelStore.open(store.toString());
    String candidates = new String(file(stored, "candidates.json"), UTF_8);
    DecisionTreeClassificationModel tree =
        (DecisionTreeClassificationModel) stored.load(Clicks.rows().sparkSession()).stages()[2];
    assertThat(tree.getMaxDepth()).isEqualTo(4);
    assertThat(trained.metrics().get("validated_accuracy")).isGreaterThan(0.85);
    assertThat(candidates).contains("\"decision-tree.depth\" : \"0\"", "\"metric\" : \"accuracy\"");
    assertThat(new String(file(stored, "report.html"), UTF_8))
        .contains("<th>decision-tree.depth</th>", "<tr class=\"best\"><td class=\"number\">4</td>");
    assertThat(told).hasSize(8);
    assertThat(told.subList(0, 6))
        .allMatch(
            line ->
                line.matches(
                    "Tried [1-6] of 6: decision-tree.depth [014], fold [12]: accuracy 0\\.\\d{4}"));
    assertThat(told.get(6)).matches("Best is decision-tree.depth 4: accuracy 0.\\d{4} ± 0.\\d{4}");
    assertThat(told.get(7)).isEqualTo("Fitting decision-tree, then measuring it");
  }

  @Test
  void saysWhichFoldCannotBeMeasured() {
    Dataset<Row> rows =
        Clicks.rows().selectExpr("* except (is_fraud)", "id between 20 and 90 as is_fraud");

    assertThatThrownBy(
            () ->
                train(
                    settings(Optional.of(3), Optional.empty(), grid("decision-tree.depth", "2"), 1),
                    rows))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot measure auc_roc in fold 1 of 3: its rows do not define it, such as by one class"
                + " only. Take fewer folds, or another metric");
  }

  @Test
  void variesEverySettingThatIsANumberOrAWord() {
    List<Stage> varied =
        Variations.of(
            List.of(
                Clicks.DEVICE,
                new Custom.Stage(
                    "org.apache.spark.ml.classification.FMClassifier",
                    Map.of("maxIter", "3"),
                    List.of(),
                    List.of(),
                    Optional.empty())),
            Map.of("string-indexer.invalid", "error", "stage.maxIter", "9"));

    assertThat(varied.get(0))
        .isEqualTo(new ScalarStage.StringIndexer("device", "device_index", Stage.Invalid.ERROR));
    assertThat(((Custom.Stage) varied.get(1)).params()).isEqualTo(Map.of("maxIter", "9"));
  }

  @Test
  void refusesAGridThatThePipelineDoesNotHave() {
    refuses(
        grid("random-forest.depth", "4"),
        "Unknown 'random-forest.depth' in the grid. Name a stage of the pipeline and its setting,"
            + " such as decision-tree.depth");
    refuses(
        grid("decision-tree.trees", "4"),
        "Unknown setting 'trees' of decision-tree. Known are depth, bins, leaf");
    refuses(
        grid("decision-tree.depth", "deep"),
        "Expected a whole number for decision-tree.depth, found 'deep'");
    refuses(grid("decision-tree.depth", "31"), "Expected depth of 0 to 30, found 31");
    refuses(
        grid("string-indexer.invalid", "skip"),
        "Expected one of keep, error for string-indexer.invalid, found 'skip'");
    refuses(
        grid("string-indexer.input", "hour"),
        "Cannot vary string-indexer.input. A number, true or false, or one of several words can be");
    refuses(grid("decision-tree.depth"), "Needs at least one value of decision-tree.depth");
  }

  @Test
  void refusesAWayToValidateThatIsNone() {
    Map<String, List<String>> grid = grid("decision-tree.depth", "1");
    assertThatThrownBy(
            () -> new Validate(Optional.empty(), Optional.empty(), Optional.empty(), grid, 1))
        .hasMessage("Missing folds, such as 3, or share, such as 25%");
    assertThatThrownBy(
            () -> new Validate(Optional.of(2), Optional.of("5%"), Optional.empty(), grid, 1))
        .hasMessage("Cannot take both folds and share. Use one of them");
    assertThatThrownBy(() -> settings(Optional.of(2), Optional.of("rmse"), grid, 1))
        .hasMessage("Unknown metric 'rmse'. Known are auc_roc, auc_pr, accuracy, f1, log_loss");
    assertThatThrownBy(() -> settings(Optional.of(2), Optional.empty(), Map.of(), 1))
        .hasMessage("Needs a grid of what to try, such as grid: {random-forest.depth: [4, 6]}");
  }

  private static Map<String, List<String>> grid(String name, String... values) {
    return new LinkedHashMap<>(Map.of(name, List.of(values)));
  }

  private void refuses(Map<String, List<String>> grid, String message) {
    assertThatThrownBy(() -> settings(Optional.of(2), Optional.empty(), grid, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  private PipelineTrainer.Settings settings(
      Optional<Integer> folds,
      Optional<String> metric,
      Map<String, List<String>> grid,
      int parallelism) {
    return new PipelineTrainer.Settings(
        List.of("hour", "device", "dwell_ms"),
        Optional.of("is_fraud"),
        List.of(Clicks.DEVICE, new Classifier.DecisionTree(5, 32, 1)),
        Optional.of(new Split(TIME, "20%", Optional.empty())),
        Optional.of(new Validate(folds, Optional.empty(), metric, grid, parallelism)),
        store.toString(),
        42);
  }

  private Trainer.Trained train(PipelineTrainer.Settings settings, Dataset<Row> rows) {
    return new PipelineTrainer(settings)
        .train(new Trainer.Assignment("click_fraud", rows, Optional.empty(), told::add));
  }

  private static byte[] file(StoredModel stored, String name) {
    return Storage.of(stored.path()).read(name, 1 << 22);
  }
}
