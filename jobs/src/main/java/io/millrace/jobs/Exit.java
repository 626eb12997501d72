package io.millrace.jobs;

/** What the exit code of a command says. */
public final class Exit {
  public static final int DONE = 0;

  /** The job is wrong as it is written. */
  public static final int WRONG_JOB = 1;

  /** The command or the surroundings are wrong. */
  public static final int WRONG_COMMAND = 2;

  /** The job failed while running. */
  public static final int FAILED = 3;

  /** A checkpoint and a sink do not fit, and nothing has started. */
  public static final int REFUSED = 4;

  /** A test, a comparison or a balance did not hold. */
  public static final int UNEQUAL = 5;

  /** Stopped by Ctrl-C. */
  public static final int INTERRUPTED = 130;

  /** Stopped before the running batch was drained. */
  public static final int TERMINATED = 143;

  private Exit() {}
}
