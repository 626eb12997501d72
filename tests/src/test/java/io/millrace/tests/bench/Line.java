package io.millrace.tests.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The result of a comparison. {@code ours} and {@code theirs} are medians, the ratios are ours by
 * theirs, pair by pair; all are null where a check failed, for then there is no score.
 */
public record Line(
    String name,
    @Nullable Double ours,
    @Nullable Double theirs,
    String unit,
    @JsonProperty("ratio_median") @Nullable Double ratioMedian,
    @JsonProperty("ratio_min") @Nullable Double ratioMin,
    @JsonProperty("ratio_max") @Nullable Double ratioMax,
    boolean checked,
    int pairs,
    long events,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, String> about) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** All measures of a suite's contests. */
  static List<Line> of(
      Suite suite,
      List<Suite.Contest> contests,
      Map<Variant, List<Outcome>> runs,
      long events,
      Map<String, String> about) {
    List<Line> lines = new ArrayList<>();
    for (Suite.Contest contest : contests) {
      List<Outcome> ours = runs.getOrDefault(contest.ours(), List.of());
      List<Outcome> theirs = runs.getOrDefault(contest.theirs(), List.of());
      lines.add(of(contest.name(), suite.first(), ours, theirs, events, about));
      for (Measure measure : suite.measures()) {
        if (measure != suite.first()) {
          String name = contest.name() + "-" + measure.word();
          lines.add(of(name, measure, ours, theirs, events, about));
        }
      }
    }
    return lines;
  }

  private static Line of(
      String name,
      Measure measure,
      List<Outcome> ours,
      List<Outcome> theirs,
      long events,
      Map<String, String> about) {
    boolean checked =
        ours.stream().allMatch(Outcome::checked) && theirs.stream().allMatch(Outcome::checked);
    return of(
        name,
        measure.unit(),
        ours.stream().map(run -> measure.of(run, events)).toList(),
        theirs.stream().map(run -> measure.of(run, events)).toList(),
        checked,
        events,
        about);
  }

  /**
   * A comparison of two series that were measured pair by pair.
   *
   * @param checked whether all that was made was right; else there is no score
   * @param about where and when it was measured
   */
  public static Line of(
      String name,
      String unit,
      List<Double> ours,
      List<Double> theirs,
      boolean checked,
      long events,
      Map<String, String> about) {
    int pairs = Math.min(ours.size(), theirs.size());
    if (!checked || pairs == 0 || ours.size() != theirs.size()) {
      return new Line(name, null, null, unit, null, null, null, false, pairs, events, about);
    }
    Ratio ratio = Ratio.of(ours, theirs);
    return new Line(
        name,
        rounded(Ratio.median(ours)),
        rounded(Ratio.median(theirs)),
        unit,
        rounded(ratio.median()),
        rounded(ratio.min()),
        rounded(ratio.max()),
        true,
        pairs,
        events,
        about);
  }

  private static double rounded(double value) {
    return Math.round(value * 1000) / 1000.0;
  }

  /** It as one line of JSON. */
  public String json() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot write " + this, e);
    }
  }
}
