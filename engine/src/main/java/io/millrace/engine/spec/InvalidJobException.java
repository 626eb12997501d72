package io.millrace.engine.spec;

import java.util.List;
import java.util.stream.Collectors;

/** A job that cannot run as it is written; the message holds a line for each mistake. */
public final class InvalidJobException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient List<Finding> findings;

  public InvalidJobException(List<Finding> findings) {
    super(findings.stream().map(Finding::toString).collect(Collectors.joining("\n")));
    this.findings = List.copyOf(findings);
  }

  public List<Finding> findings() {
    return findings;
  }
}
