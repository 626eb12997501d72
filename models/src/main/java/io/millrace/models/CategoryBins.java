package io.millrace.models;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The most frequent values of a training one by one, and all others together. */
record CategoryBins(Profile.Categories profile) implements Bins {
  /** Values that are a group of their own; rarer ones are noise in a stability index. */
  private static final int MOST = 20;

  @Override
  public String column() {
    return profile.column();
  }

  @Override
  public List<Long> learned() {
    return Stream.concat(profile.counts().values().stream(), Stream.of(profile.others())).toList();
  }

  @Override
  public long learnedNulls() {
    return profile.nulls();
  }

  @Override
  public int others() {
    return profile.counts().size();
  }

  List<String> names() {
    return List.copyOf(profile.counts().keySet());
  }

  @Override
  public List<Integer> ends() {
    IntStream own = IntStream.rangeClosed(1, Math.min(MOST, others()));
    return IntStream.concat(own, IntStream.of(others() + 1)).boxed().toList();
  }

  @Override
  public String values(int group) {
    return group < Math.min(MOST, others()) ? names().get(group) : "other values";
  }
}
