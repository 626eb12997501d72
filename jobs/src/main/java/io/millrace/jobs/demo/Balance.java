package io.millrace.jobs.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Whether what was found is what was made. */
public record Balance(List<Line> lines) {

  /** One equation: what must be there, and what is. */
  public record Line(String what, long made, long found) {
    public boolean holds() {
      return made == found;
    }
  }

  public Balance {
    lines = List.copyOf(lines);
  }

  public boolean holds() {
    return lines.stream().allMatch(Line::holds);
  }

  /** Every event that was made, against every row that was found. */
  public static Balance of(Truth truth, Found found) {
    List<Line> lines = new ArrayList<>();
    for (Topic topic : Topic.values()) {
      raw(topic, truth, found, lines);
    }
    for (Topic topic : Topic.values()) {
      letters(topic, truth, found, lines);
    }
    scored(truth, found, lines);
    windows(truth, found, lines);
    lines.add(everything(truth, found));
    return new Balance(lines);
  }

  private static void raw(Topic topic, Truth truth, Found found, List<Line> lines) {
    lines.add(
        new Line(topic.title() + ": made, raw in Delta", truth.made(topic), found.raw(topic)));
  }

  private static void letters(Topic topic, Truth truth, Found found, List<Line> lines) {
    Set<String> rules = new TreeSet<>();
    for (Sort sort : Sort.values()) {
      sort.rule(topic).ifPresent(rules::add);
    }
    for (String rule : rules) {
      long made = 0;
      for (Sort sort : Sort.values()) {
        made += sort.rule(topic).filter(rule::equals).isPresent() ? truth.made(topic, sort) : 0;
      }
      String what = topic.title() + " against " + rule + ", dead letters";
      lines.add(new Line(what, made, found.letters(topic, rule)));
    }
  }

  private static void scored(Truth truth, Found found, List<Line> lines) {
    long valid = truth.valid(Topic.CLICKS);
    lines.add(new Line("valid clicks, scored in Kafka", valid, found.scored().rows()));
    lines.add(
        new Line(
            "different ones among them",
            valid - truth.made(Topic.CLICKS, Sort.REPEATED),
            found.scored().different()));
  }

  private static void windows(Truth truth, Found found, List<Line> lines) {
    Totals counted = found.counted();
    lines.add(
        new Line(
            "good impressions, counted in windows",
            truth.made(Topic.IMPRESSIONS, Sort.GOOD),
            counted.impressions()));
    lines.add(
        new Line(
            "good clicks, counted in windows",
            truth.made(Topic.CLICKS, Sort.GOOD),
            counted.clicks()));
    lines.add(
        new Line(
            "repeated events, removed by their id",
            truth.made(Sort.REPEATED),
            found.dropped().repeated()));
    lines.add(
        new Line(
            "late events, dropped by the watermark",
            truth.made(Sort.LATE),
            found.dropped().late()));
    Map<Minute, Totals> wanted = truth.minutes();
    long equal =
        found.minutes().entrySet().stream()
            .filter(entry -> entry.getValue().equals(wanted.get(entry.getKey())))
            .count();
    lines.add(new Line("windows, each equal in all numbers", wanted.size(), equal));
    lines.add(new Line("windows in the table", wanted.size(), found.minutes().size()));
  }

  /** The closing events are in windows that stay open, and so in no table of windows. */
  private static Line everything(Truth truth, Found found) {
    Totals counted = found.counted();
    long accounted =
        counted.impressions()
            + counted.clicks()
            + found.dropped().late()
            + found.dropped().repeated()
            + found.allLetters()
            + truth.made(Sort.CLOSING);
    long made = truth.made(Topic.IMPRESSIONS) + truth.made(Topic.CLICKS);
    return new Line(
        "all events, in windows + repeated + late + dead letters + closing", made, accounted);
  }
}
