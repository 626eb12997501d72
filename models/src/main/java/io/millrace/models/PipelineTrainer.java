package io.millrace.models;

import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Trainer;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
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
      @Doc("How the best of several settings is found; nothing is tried, if left out")
          Optional<Validate> validate,
      @Doc("Folder of the model's versions") String store,
      @Doc("Seed of all that is drawn at random") @Default("42") long seed) {
    public Settings {
      features = List.copyOf(features);
      pipeline = List.copyOf(pipeline);
      Recipe recipe = Recipe.of(features, pipeline, label);
      validate.ifPresent(how -> how.metric(recipe.learner().task()));
      choices(features, pipeline, label, validate);
    }

    /** The recipes to choose from, if there is a choice. */
    private static List<Validation.Choice> choices(
        List<String> features,
        List<Stage> pipeline,
        Optional<String> label,
        Optional<Validate> validate) {
      return validate.map(Validate::combinations).orElse(List.of()).stream()
          .map(
              settings ->
                  new Validation.Choice(
                      settings, Recipe.of(features, Variations.of(pipeline, settings), label)))
          .toList();
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
      List<Validation.Choice> choices =
          Settings.choices(
              settings.features(), settings.pipeline(), settings.label(), settings.validate());
      List<Candidate> tried = tried(assignment, table, choices);
      Recipe best = tried.isEmpty() ? recipe : best(assignment, choices, tried);
      assignment
          .progress()
          .accept("Fitting " + Recipe.name(best.learner()) + ", then measuring it");
      Fitted fitted = Fitted.on(table, best, settings.seed());
      return store(assignment, best, table, fitted, tried);
    }
  }

  private List<Candidate> tried(
      Assignment assignment, TrainingTable table, List<Validation.Choice> choices) {
    return settings
        .validate()
        .map(how -> Validation.of(table, how, choices, settings.seed(), assignment.progress()))
        .orElse(List.of());
  }

  private static Recipe best(
      Assignment assignment, List<Validation.Choice> choices, List<Candidate> tried) {
    Candidate best = Candidate.best(tried);
    assignment
        .progress()
        .accept("Best is " + best.told() + ": " + best.metric() + " " + best.figures());
    return choices.get(tried.indexOf(best)).recipe();
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
                (version, files) -> manifest(assignment, version, files, fitted, table, tried));
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
      TrainingTable table,
      List<Candidate> tried) {
    Map<String, Double> metrics = new LinkedHashMap<>(fitted.metrics());
    if (!tried.isEmpty()) {
      Candidate best = Candidate.best(tried);
      metrics.put("validated_" + best.metric(), best.mean());
    }
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
        metrics,
        files,
        null);
  }
}
