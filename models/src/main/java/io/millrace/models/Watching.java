package io.millrace.models;

import io.millrace.models.Watched.WatchedColumn;
import io.millrace.models.Watched.WatchedScore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Finds what of a profile a step can watch. */
final class Watching {
  private Watching() {}

  /**
   * The features of a profile, and the scores that are among the outputs of the step.
   *
   * @param inputs what the model reads, as tasks have it
   * @throws IllegalArgumentException with a sentence, if there is nothing to watch
   */
  static Watched of(
      StoredModel stored, StructType inputs, List<Output> outputs, DriftSettings settings) {
    Profile profile = stored.profile().orElseThrow(() -> Profile.missing(stored));
    check(profile, settings.except());
    List<WatchedColumn> columns = new ArrayList<>();
    List<WatchedScore> scores = new ArrayList<>();
    for (Bins bins : Bins.of(profile)) {
      if (settings.except().stream().noneMatch(bins.column()::equalsIgnoreCase)) {
        column(bins, inputs).ifPresent(columns::add);
      }
    }
    for (Profile.Numbers score : profile.scores()) {
      score(new NumberBins(score), outputs).ifPresent(scores::add);
    }
    if (columns.isEmpty() && scores.isEmpty()) {
      throw new IllegalArgumentException(
          "Needs at least one feature that is no vector, or a score among the outputs, to measure"
              + " drift. Leave drift out, or fewer features under except");
    }
    return new Watched(columns, scores);
  }

  /** What the scores of a profile that are not among the outputs are called. */
  static List<String> unwatched(StoredModel stored, List<Output> outputs) {
    return stored.profile().map(Profile::scores).orElse(List.of()).stream()
        .filter(score -> score(new NumberBins(score), outputs).isEmpty())
        .map(Profile.Numbers::column)
        .toList();
  }

  private static void check(Profile profile, List<String> except) {
    TreeSet<String> known = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    Stream.concat(
            profile.numbers().stream().map(Profile.Numbers::column),
            profile.categories().stream().map(Profile.Categories::column))
        .forEach(known::add);
    for (String name : except) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "Unknown feature "
                + name
                + " under except of drift. Known are "
                + String.join(", ", known));
      }
    }
  }

  private static Optional<WatchedColumn> column(Bins bins, StructType inputs) {
    Optional<StructField> found = Schemas.find(inputs, bins.column());
    return found.map(
        field -> new WatchedColumn(bins, inputs.fieldIndex(field.name()), field.dataType()));
  }

  /** The output that gives a score: as it is, or as an array with it. */
  private static Optional<WatchedScore> score(NumberBins bins, List<Output> outputs) {
    Output wanted = Output.of(bins.column(), bins.column());
    for (int i = 0; i < outputs.size(); i++) {
      Output output = outputs.get(i);
      if (output.column().equalsIgnoreCase(wanted.column())
          && (output.index().isEmpty() || output.index().equals(wanted.index()))) {
        int index = output.index().isEmpty() ? wanted.index().orElse(-1) : -1;
        return Optional.of(new WatchedScore(bins, i, index));
      }
    }
    return Optional.empty();
  }
}
