package io.millrace.models;

import io.millrace.models.report.Page;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The files of a version beside Spark's own ones: its report, plots, profile and golden rows. */
final class Extras {
  /** The page about the training. */
  static final String REPORT = "report.html";

  /** The settings that were tried, and how they did. */
  static final String CANDIDATES = "candidates.json";

  private Extras() {}

  /** The files, by their names in the version's folder. */
  static Map<String, byte[]> of(
      String model, Optional<String> data, Recipe recipe, Fitted fitted, List<Candidate> tried) {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put(REPORT, page(model, data, recipe, fitted, tried).getBytes(StandardCharsets.UTF_8));
    fitted.plots().forEach(plot -> files.put("plots/" + plot.name() + ".png", plot.png()));
    files.put(Profile.FILE, fitted.profile().json());
    files.put(GoldenRows.NAME, fitted.golden().json());
    if (!tried.isEmpty()) {
      files.put(CANDIDATES, Candidate.json(tried));
    }
    return files;
  }

  private static String page(
      String model, Optional<String> data, Recipe recipe, Fitted fitted, List<Candidate> tried) {
    Page page = new Page("Model " + model);
    page.facts(facts(data, recipe, fitted));
    page.section("Figures on the rows that were held out");
    page.facts(
        fitted.metrics().entrySet().stream()
            .map(entry -> List.of(entry.getKey(), number(entry.getValue())))
            .toList());
    if (!tried.isEmpty()) {
      page.section("What was tried");
      page.text(
          "Each was measured on rows of the training that it did not learn from, not on those held"
              + " out. The best one was fitted again to all rows of the training.");
      candidates(page, tried);
    }
    page.section("What is to be seen");
    page.plots(fitted.plots());
    return page.html();
  }

  private static List<List<String>> facts(Optional<String> data, Recipe recipe, Fitted fitted) {
    List<List<String>> facts = new ArrayList<>();
    facts.add(List.of("Learner", recipe.learner().toString()));
    recipe.label().ifPresent(label -> facts.add(List.of("Label", label)));
    facts.add(List.of("Inputs", String.join(", ", recipe.inputs())));
    data.ifPresent(version -> facts.add(List.of("Version of the data", version)));
    facts.add(List.of("Rows to learn from", count(fitted.trainingRows())));
    facts.add(List.of("Rows held out", count(fitted.heldOutRows())));
    facts.add(List.of("Rows left out, as a feature was missing", count(fitted.incompleteRows())));
    return facts;
  }

  private static void candidates(Page page, List<Candidate> tried) {
    List<String> heads = new ArrayList<>(tried.get(0).settings().keySet());
    heads.add(tried.get(0).metric());
    List<List<String>> rows = new ArrayList<>();
    for (Candidate candidate : tried) {
      List<String> row = new ArrayList<>(candidate.settings().values());
      row.add(candidate.figures());
      rows.add(row);
    }
    page.table(heads, rows, tried.indexOf(Candidate.best(tried)));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }

  private static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }
}
