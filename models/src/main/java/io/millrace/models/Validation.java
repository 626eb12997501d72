package io.millrace.models;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/**
 * Measures recipes on parts of the training rows that they did not learn from. What only looks at
 * columns is fitted once per part for all recipes that have it in common.
 */
final class Validation {
  private final TrainingTable table;
  private final Validate settings;
  private final String metric;
  private final long seed;
  private final Consumer<String> progress;
  private final List<Choice> choices;
  private final Map<Choice, List<Double>> figures = new LinkedHashMap<>();
  private int told;

  /** A recipe and the settings that it has in place of those of the file. */
  record Choice(Map<String, String> settings, Recipe recipe) {}

  private Validation(
      TrainingTable table,
      Validate settings,
      List<Choice> choices,
      long seed,
      Consumer<String> progress) {
    this.table = table;
    this.settings = settings;
    this.choices = choices;
    this.metric = settings.metric(choices.get(0).recipe().learner().task());
    this.seed = seed;
    this.progress = progress;
  }

  /**
   * How each choice did, in their order.
   *
   * @throws IllegalArgumentException with a sentence, if a part does not allow to measure it
   */
  static List<Candidate> of(
      TrainingTable table,
      Validate settings,
      List<Choice> choices,
      long seed,
      Consumer<String> progress) {
    return new Validation(table, settings, choices, seed, progress).run();
  }

  private List<Candidate> run() {
    ExecutorService workers = Executors.newFixedThreadPool(settings.parallelism());
    try {
      List<Fold> folds = table.folds(settings);
      for (int i = 0; i < folds.size(); i++) {
        fold(folds.get(i), i + 1, folds.size(), workers);
      }
    } finally {
      workers.shutdownNow();
    }
    return choices.stream()
        .map(choice -> new Candidate(choice.settings(), metric, figures(choice)))
        .toList();
  }

  private List<Double> figures(Choice choice) {
    return figures.getOrDefault(choice, List.of());
  }

  private void fold(Fold fold, int number, int of, ExecutorService workers) {
    Map<List<ColumnStage>, List<Choice>> alike = new LinkedHashMap<>();
    for (Choice choice : choices) {
      alike.computeIfAbsent(choice.recipe().columns(), key -> new ArrayList<>()).add(choice);
    }
    for (List<Choice> group : alike.values()) {
      Recipe recipe = group.get(0).recipe();
      PipelineModel prepared = Pipelines.prepare(recipe, fold.learn());
      Dataset<Row> learn = kept(Pipelines.complete(recipe, prepared, fold.learn()));
      Dataset<Row> check = kept(Pipelines.complete(recipe, prepared, fold.check()));
      try {
        requireRows(learn, check, number, of);
        Labels.check(recipe, learn, learn.unionByName(check));
        measure(group, learn, check, number, of, workers);
      } finally {
        learn.unpersist();
        check.unpersist();
      }
    }
  }

  private static Dataset<Row> kept(Dataset<Row> rows) {
    return rows.persist(StorageLevel.MEMORY_AND_DISK());
  }

  private static void requireRows(Dataset<Row> learn, Dataset<Row> check, int number, int of) {
    if (learn.isEmpty() || check.isEmpty()) {
      throw new IllegalArgumentException(
          "Needs rows in fold "
              + number
              + " of "
              + of
              + ", found none "
              + (learn.isEmpty() ? "to learn from" : "to measure on")
              + ". Take fewer folds, or read more rows");
    }
  }

  private void measure(
      List<Choice> group,
      Dataset<Row> learn,
      Dataset<Row> check,
      int number,
      int of,
      ExecutorService workers) {
    List<Future<Double>> running = new ArrayList<>();
    for (Choice choice : group) {
      running.add(workers.submit(() -> figure(choice, learn, check, number, of)));
    }
    for (int i = 0; i < group.size(); i++) {
      double figure = result(running.get(i));
      figures.computeIfAbsent(group.get(i), choice -> new ArrayList<>()).add(figure);
    }
  }

  private double figure(Choice choice, Dataset<Row> learn, Dataset<Row> check, int number, int of) {
    PipelineModel learned = Pipelines.learn(choice.recipe(), learn, seed);
    Optional<Double> figure = Evaluation.of(choice.recipe(), learned.transform(check), metric);
    double value =
        figure.orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Cannot measure "
                        + metric
                        + " in fold "
                        + number
                        + " of "
                        + of
                        + ": its rows do not define it, such as by one class only. Take fewer"
                        + " folds, or another metric"));
    tell(new Candidate(choice.settings(), metric, List.of(value)), number, of);
    return value;
  }

  private synchronized void tell(Candidate candidate, int number, int of) {
    told++;
    progress.accept(
        "Tried "
            + told
            + " of "
            + choices.size() * of
            + ": "
            + candidate.told()
            + (of > 1 ? ", fold " + number : "")
            + ": "
            + metric
            + " "
            + candidate.figures());
  }

  private static double result(Future<Double> running) {
    try {
      return running.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Cannot go on with the training: it was interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failed) {
        throw failed;
      }
      throw new IllegalStateException("Cannot fit a candidate", e.getCause());
    }
  }
}
