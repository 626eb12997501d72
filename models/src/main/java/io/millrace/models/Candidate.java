package io.millrace.models;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One choice of settings and how it did.
 *
 * @param settings by the stage's and the setting's name, such as {@code random-forest.depth}
 * @param metric the name of the figure
 * @param values of the figure, one for each fold
 */
record Candidate(Map<String, String> settings, String metric, List<Double> values) {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  Candidate {
    settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    values = List.copyOf(values);
  }

  /** The one with the best mean, the first of several. */
  static Candidate best(List<Candidate> all) {
    Candidate best = all.get(0);
    for (Candidate each : all) {
      if (Evaluation.better(each.metric(), each.mean(), best.mean())) {
        best = each;
      }
    }
    return best;
  }

  double mean() {
    return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }

  /** The mean, and how far single folds are from it where there are several. */
  String figures() {
    String mean = String.format(Locale.ROOT, "%.4f", mean());
    return values.size() < 2 ? mean : mean + String.format(Locale.ROOT, " ± %.4f", deviation());
  }

  private double deviation() {
    double mean = mean();
    double squares = values.stream().mapToDouble(each -> (each - mean) * (each - mean)).sum();
    return Math.sqrt(squares / (values.size() - 1));
  }

  /** All candidates as a file. */
  static byte[] json(List<Candidate> all) {
    try {
      return JSON.writeValueAsBytes(all);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("Cannot write what was tried", e);
    }
  }

  /** The settings as they are told: {@code random-forest.depth 4, random-forest.trees 20}. */
  String told() {
    return String.join(
        ", ",
        settings.entrySet().stream().map(each -> each.getKey() + " " + each.getValue()).toList());
  }
}
