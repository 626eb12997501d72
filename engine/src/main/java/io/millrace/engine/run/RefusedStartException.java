package io.millrace.engine.run;

import java.util.List;

/** A checkpoint and the sinks of a job do not fit: to go on would lose rows or write them twice. */
public final class RefusedStartException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final List<String> reasons;

  RefusedStartException(List<String> reasons) {
    super(String.join("\n", reasons));
    this.reasons = List.copyOf(reasons);
  }

  /** One for each sink that does not fit: what is missing or doubled, and what to do. */
  public List<String> reasons() {
    return reasons;
  }
}
