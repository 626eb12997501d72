package io.millrace.models;

import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Trainer;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Fits a pipeline of Spark's stages, measures it on rows that were held out and stores it. Rows
 * with a feature that is null or not a finite number, and that no stage fills, are left out of
 * both.
 */
public record PipelineTrainer(Settings settings) implements Trainer {

  /** What a training file says. */
  public record Settings(
      @Doc("Columns that the model learns from") List<String> features,
      @Doc("Column that it learns to tell: a number, a boolean, or a class numbered from 0")
          Optional<String> label,
      @Doc("Stages, the one that learns last") List<Stage> pipeline,
      @Doc("Which rows are held out to measure the model; a fifth at random, if left out")
          Optional<Split> split,
      @Doc("Folder of the model's versions") String store,
      @Doc("Seed of all that is drawn at random") @Default("42") long seed) {
    public Settings {
      features = List.copyOf(features);
      pipeline = List.copyOf(pipeline);
      Recipe.of(features, pipeline, label);
    }
  }

  @Override
  public Optional<String> store() {
    return Optional.of(settings.store());
  }

  @Override
  public Trained train(Assignment assignment) {
    Recipe recipe = Recipe.of(settings.features(), settings.pipeline(), settings.label());
    Split split =
        settings.split().orElseGet(() -> new Split(Optional.empty(), "20%", Optional.empty()));
    try (TrainingTable table =
        TrainingTable.of(assignment.rows(), recipe, split, settings.seed())) {
      return store(assignment, recipe, table, Fitted.on(table, recipe, settings.seed()), List.of());
    }
  }

  private Trained store(
      Assignment assignment,
      Recipe recipe,
      TrainingTable table,
      Fitted fitted,
      List<Candidate> tried) {
    StoredModel stored =
        ModelStore.at(settings.store())
            .add(
                fitted.model(),
                Extras.of(assignment.model(), assignment.data(), recipe, fitted, tried),
                (version, files) -> manifest(assignment, version, files, fitted, table));
    return new Trained(
        stored.manifest().version(),
        stored.path(),
        stored.manifest().metrics(),
        Optional.of(stored.path() + "/" + Extras.REPORT));
  }

  private Manifest manifest(
      Assignment assignment,
      String version,
      Map<String, String> files,
      Fitted fitted,
      TrainingTable table) {
    return new Manifest(
        Manifest.FORMAT,
        assignment.model(),
        version,
        Instant.now().toString(),
        table.spark(),
        assignment.data().orElse(null),
        fitted.task(),
        settings.label().orElse(null),
        table.inputs(),
        fitted.outputs(),
        Arrays.stream(fitted.model().stages()).map(stage -> stage.getClass().getName()).toList(),
        fitted.trainingRows(),
        fitted.heldOutRows(),
        fitted.incompleteRows(),
        fitted.metrics(),
        files);
  }
}
