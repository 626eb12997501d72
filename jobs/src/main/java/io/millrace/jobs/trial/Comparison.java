package io.millrace.jobs.trial;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a target beside those that a test expects of it. Of an expected row only the columns
 * count that it names.
 */
final class Comparison {
  private final String target;
  private final List<String> missing = new ArrayList<>();
  private final List<String> surplus = new ArrayList<>();

  private Comparison(String target) {
    this.target = target;
  }

  /**
   * An expected row.
   *
   * @param columns those that it names
   * @param text these columns, as {@link Literals#text} has them
   */
  record Expected(List<String> columns, String text) {}

  static Comparison of(String target, List<Expected> expected, Arrived.Rows arrived) {
    Comparison comparison = new Comparison(target);
    List<Row> left = new ArrayList<>(arrived.rows());
    // A row that says more is looked for before one that would take its place.
    expected.stream()
        .sorted(Comparator.comparingInt((Expected each) -> -each.columns().size()))
        .forEach(
            each -> {
              if (!left.remove(like(each, left))) {
                comparison.missing.add(each.text());
              }
            });
    List<String> shown = shown(expected, arrived);
    left.forEach(row -> comparison.surplus.add(Literals.text(row, shown)));
    return comparison;
  }

  private static @Nullable Row like(Expected wanted, List<Row> rows) {
    return rows.stream()
        .filter(row -> Literals.text(row, wanted.columns()).equals(wanted.text()))
        .findFirst()
        .orElse(null);
  }

  /** The columns that the test looks at; all where it expects no row. */
  private static List<String> shown(List<Expected> expected, Arrived.Rows arrived) {
    List<String> named =
        Arrays.stream(arrived.columns().fieldNames())
            .filter(column -> expected.stream().anyMatch(row -> row.columns().contains(column)))
            .toList();
    return named.isEmpty() ? List.of(arrived.columns().fieldNames()) : named;
  }

  /** Rows by key, of which the last that came stays. */
  static Arrived.Rows upserted(Arrived.Rows arrived, List<String> keys) {
    Map<String, Row> last = new LinkedHashMap<>();
    arrived.rows().forEach(row -> last.put(Literals.text(row, keys), row));
    return new Arrived.Rows(arrived.columns(), List.copyOf(last.values()));
  }

  boolean equal() {
    return missing.isEmpty() && surplus.isEmpty();
  }

  /** What a person reads: a line for each row that is missing or too much. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    missing.forEach(row -> lines.add(target + "  missing   " + row));
    surplus.forEach(row -> lines.add(target + "  too much  " + row));
    return lines;
  }
}
