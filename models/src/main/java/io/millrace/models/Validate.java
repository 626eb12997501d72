package io.millrace.models;

import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How the best of several settings is found before the training. */
@Doc("How the best of several settings is found, on rows that are not held out")
public record Validate(
    @Doc("Number of parts: each is left out once to measure what was learned from the others")
        Optional<Integer> folds,
    @Doc("In place of folds: share that is left out to measure what was learned from the rest")
        Optional<String> share,
    @Doc(
            "The figure that the best is chosen by, such as auc_roc; the first of its task if left out")
        Optional<String> metric,
    @Doc("Values to try, by the stage and its setting: random-forest.depth: [4, 6]")
        Map<String, List<String>> grid,
    @Doc("How many are fitted at a time") @Default("1") int parallelism)
    implements Serializable {
  private static final int MOST = 1_000;

  /** Of a share that would do. */
  static final String EXAMPLE = "25%";

  public Validate {
    if (folds.isPresent() == share.isPresent()) {
      throw new IllegalArgumentException(
          folds.isPresent()
              ? "Cannot take both folds and share. Use one of them"
              : "Missing folds, such as 3, or share, such as 25%");
    }
    folds.ifPresent(number -> Check.between("folds", 2, 20, number));
    share.ifPresent(text -> Shares.of(text, EXAMPLE));
    Check.atLeast("parallelism", 1, parallelism);
    Map<String, List<String>> kept = new LinkedHashMap<>();
    grid.forEach((name, values) -> kept.put(name, List.copyOf(values)));
    grid = Collections.unmodifiableMap(kept);
    checkGrid(grid);
  }

  private static void checkGrid(Map<String, List<String>> grid) {
    if (grid.isEmpty()) {
      throw new IllegalArgumentException(
          "Needs a grid of what to try, such as grid: {random-forest.depth: [4, 6]}");
    }
    long all = 1;
    for (Map.Entry<String, List<String>> entry : grid.entrySet()) {
      if (entry.getValue().isEmpty()) {
        throw new IllegalArgumentException("Needs at least one value of " + entry.getKey());
      }
      all *= entry.getValue().size();
      if (all > MOST) {
        throw new IllegalArgumentException(
            "Cannot try more than " + MOST + " combinations. Take values off the grid");
      }
    }
  }

  /** Every combination of values, by the names of the grid. */
  List<Map<String, String>> combinations() {
    List<Map<String, String>> all = List.of(Map.of());
    for (Map.Entry<String, List<String>> entry : grid.entrySet()) {
      List<Map<String, String>> longer = new ArrayList<>();
      for (Map<String, String> some : all) {
        for (String value : entry.getValue()) {
          Map<String, String> more = new LinkedHashMap<>(some);
          more.put(entry.getKey(), value);
          longer.add(Collections.unmodifiableMap(more));
        }
      }
      all = longer;
    }
    return List.copyOf(all);
  }

  /** The figure to choose by. */
  String metric(Task task) {
    List<String> known = Evaluation.names(task);
    String chosen = metric.orElse(known.get(0));
    if (!known.contains(chosen)) {
      throw new IllegalArgumentException(
          "Unknown metric '" + chosen + "'. Known are " + String.join(", ", known));
    }
    return chosen;
  }
}
