package io.millrace.models;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a pipeline reads and how its columns flow together. A feature that a stage turns into
 * another column is replaced by that column.
 */
record Recipe(
    List<String> features,
    List<ColumnStage> columns,
    List<VectorStage> vectors,
    Learner learner,
    Optional<String> label) {
  /** The vector of all features. */
  static final String ASSEMBLED = "_features";

  /** The label as a number. */
  static final String LABEL = "_label";

  /** The columns that a model may add. */
  static final List<String> RESULTS = List.of("prediction", "probability", "rawPrediction");

  /**
   * The recipe of these settings.
   *
   * @throws IllegalArgumentException with a sentence, if the stages do not fit together
   */
  static Recipe of(List<String> features, List<Stage> pipeline, Optional<String> label) {
    List<ColumnStage> columns = new ArrayList<>();
    List<VectorStage> vectors = new ArrayList<>();
    List<Learner> learners = new ArrayList<>();
    for (int i = 0; i < pipeline.size(); i++) {
      Stage stage = pipeline.get(i);
      if (!learners.isEmpty()) {
        throw new IllegalArgumentException(
            "Cannot have a stage behind the one that learns. Put "
                + name(learners.get(0))
                + " last");
      }
      switch (role(stage, i == pipeline.size() - 1)) {
        case COLUMN -> columns.add(early((ColumnStage) stage, vectors));
        case VECTOR -> vectors.add((VectorStage) stage);
        case LEARNER -> learners.add((Learner) stage);
      }
    }
    if (learners.isEmpty()) {
      throw new IllegalArgumentException(
          "Needs a stage that learns as the last of the pipeline, such as random-forest");
    }
    Recipe recipe =
        new Recipe(
            List.copyOf(features),
            List.copyOf(columns),
            List.copyOf(vectors),
            learners.get(0),
            label);
    recipe.check();
    return recipe;
  }

  private enum Role {
    COLUMN,
    VECTOR,
    LEARNER
  }

  /** A class can be a stage of any sort: its place and its columns tell which. */
  private static Role role(Stage stage, boolean last) {
    if (stage instanceof Custom.Stage custom) {
      if (last) {
        custom.requireLearner();
        return Role.LEARNER;
      }
      if (custom.inputs().isEmpty()) {
        custom.requireVector();
        return Role.VECTOR;
      }
      return Role.COLUMN;
    }
    if (stage instanceof ColumnStage) {
      return Role.COLUMN;
    }
    return stage instanceof VectorStage ? Role.VECTOR : Role.LEARNER;
  }

  private static ColumnStage early(ColumnStage stage, List<VectorStage> vectors) {
    if (!vectors.isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot change a column once all are scaled. Put "
              + name(stage)
              + " before "
              + name(vectors.get(0)));
    }
    return stage;
  }

  /** The columns of the table that the model needs, the label not among them. */
  List<String> inputs() {
    Set<String> needed = new LinkedHashSet<>(features);
    columns.forEach(stage -> needed.addAll(stage.inputs()));
    columns.forEach(stage -> stage.outputs().forEach(needed::remove));
    return List.copyOf(needed);
  }

  /** The columns that go into the vector. */
  List<String> assembled() {
    Set<String> all = new LinkedHashSet<>();
    features.forEach(feature -> follow(feature, all));
    return List.copyOf(all);
  }

  /** The columns that a stage must have turned into another before they can be features. */
  Set<String> transformed() {
    Set<String> all = new LinkedHashSet<>(inputs());
    assembled().forEach(all::remove);
    return all;
  }

  /** The columns that are split into words, which must not be null. */
  List<String> texts() {
    List<String> inputs = inputs();
    return columns.stream()
        .filter(TextStage.class::isInstance)
        .flatMap(stage -> stage.inputs().stream())
        .filter(inputs::contains)
        .distinct()
        .toList();
  }

  /** The vector before the stage over vectors with this number, from 0. */
  String vector(int stage) {
    return stage == 0 ? ASSEMBLED : ASSEMBLED + "_" + stage;
  }

  /** The vector that the last stage learns from. */
  String learned() {
    return vector(vectors.size());
  }

  private void follow(String feature, Set<String> all) {
    List<String> next =
        columns.stream()
            .filter(stage -> stage.inputs().contains(feature))
            .flatMap(stage -> stage.outputs().stream())
            .toList();
    if (next.isEmpty()) {
      all.add(feature);
    }
    next.forEach(output -> follow(output, all));
  }

  private void check() {
    if (features.isEmpty()) {
      throw new IllegalArgumentException("Needs at least one feature, such as [hour, device]");
    }
    checkLabel();
    Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    for (String feature : features) {
      if (!names.add(feature)) {
        throw new IllegalArgumentException("Cannot list the feature " + feature + " twice");
      }
    }
    checkOutputs();
    Set<String> reserved = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    reserved.addAll(RESULTS);
    Set<String> used = new LinkedHashSet<>(inputs());
    columns.forEach(stage -> used.addAll(stage.outputs()));
    for (String name : used) {
      if (reserved.contains(name) || name.startsWith("_")) {
        throw new IllegalArgumentException(
            "Cannot use a column called "
                + name
                + ": the model itself writes such columns. Rename it in a step");
      }
    }
  }

  /** Each output is new, and a stage reads only what is there by then. */
  private void checkOutputs() {
    Set<String> written = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    Set<String> later = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    columns.forEach(stage -> later.addAll(stage.outputs()));
    for (ColumnStage stage : columns) {
      for (String input : stage.inputs()) {
        if (later.contains(input) && !written.contains(input)) {
          throw new IllegalArgumentException(
              "Cannot read "
                  + input
                  + " before it is written. Put "
                  + name(stage)
                  + " behind the stage with that output");
        }
      }
      for (String output : stage.outputs()) {
        if (!written.add(output)) {
          throw new IllegalArgumentException(
              "Cannot write " + output + " twice. Give each stage an output of its own");
        }
      }
    }
  }

  private void checkLabel() {
    boolean clusters = learner.task() == Task.CLUSTERING;
    if (clusters && label.isPresent()) {
      throw new IllegalArgumentException(
          "Cannot use the label " + label.get() + ": " + name(learner) + " learns without one");
    }
    if (!clusters && label.isEmpty()) {
      throw new IllegalArgumentException(
          "Missing label, the column that " + name(learner) + " learns to tell");
    }
    if (label.isPresent() && inputs().stream().anyMatch(label.get()::equalsIgnoreCase)) {
      throw new IllegalArgumentException(
          "Cannot use " + label.get() + " as label and as input. Take it off the features");
    }
  }

  /** The name of a stage as it is written. */
  static String name(Stage stage) {
    return stage instanceof Custom.Stage custom
        ? custom.className()
        : Words.kebab(stage.getClass().getSimpleName());
  }
}
