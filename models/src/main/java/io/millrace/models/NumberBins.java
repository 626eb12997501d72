package io.millrace.models;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Numbers between the quantiles of a training; a group is about a tenth of its rows. */
record NumberBins(Profile.Numbers profile) implements Bins {
  @Override
  public String column() {
    return profile.column();
  }

  @Override
  public List<Long> learned() {
    return profile.counts();
  }

  @Override
  public long learnedNulls() {
    return profile.nulls();
  }

  @Override
  public int others() {
    return -1;
  }

  double[] edges() {
    return profile.edges().stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** A bin that ends a tenth ends a group; bins of which the training had no row end another. */
  @Override
  public List<Integer> ends() {
    long all = learned().stream().mapToLong(Long::longValue).sum();
    List<Integer> ends = new ArrayList<>();
    long below = 0;
    long reached = 0;
    for (int i = 0; i < learned().size() - 1; i++) {
      below += learned().get(i);
      if (all > 0 && below * PARTS / all > reached) {
        reached = below * PARTS / all;
        ends.add(i + 1);
      }
    }
    ends.add(learned().size());
    return ends;
  }

  @Override
  public String values(int group) {
    List<Double> edges = profile.edges();
    int first = group == 0 ? 0 : ends().get(group - 1);
    int end = ends().get(group);
    if (edges.isEmpty()) {
      return "all";
    }
    if (end == learned().size()) {
      return first == 0 ? "all" : "above " + text(edges.get(first - 1));
    }
    String most = text(edges.get(end - 1));
    return first == 0 ? "up to " + most : text(edges.get(first - 1)) + " to " + most;
  }

  private static String text(double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e9) {
      return Long.toString((long) value);
    }
    String text = String.format(Locale.ROOT, "%.4g", value);
    return text.contains("e") || !text.contains(".") ? text : text.replaceFirst("\\.?0+$", "");
  }
}
