package io.millrace.engine.spec;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Collects mistakes, so that all of them are told at once. */
public final class Findings {
  private final Set<Finding> all = new LinkedHashSet<>();

  public void add(Position at, String path, String sentence) {
    all.add(new Finding(at, path, sentence));
  }

  public boolean isEmpty() {
    return all.isEmpty();
  }

  /** In the order of the file. */
  public List<Finding> list() {
    List<Finding> sorted = new ArrayList<>(all);
    sorted.sort(
        Comparator.comparing((Finding finding) -> finding.at().file())
            .thenComparing(finding -> finding.at().line())
            .thenComparing(finding -> finding.at().column()));
    return List.copyOf(sorted);
  }

  /**
   * Ends the reading of a job that has mistakes.
   *
   * @throws InvalidJobException with everything found so far, if there is anything
   */
  public void throwIfAny() {
    if (!isEmpty()) {
      throw new InvalidJobException(list());
    }
  }
}
