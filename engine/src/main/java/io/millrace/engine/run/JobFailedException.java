package io.millrace.engine.run;

/** A job that stopped while running; the message says where. */
public final class JobFailedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public JobFailedException(String message, Throwable cause) {
    super(message, cause);
  }

  /** The innermost cause that says something. */
  public static String reason(Throwable failure) {
    String reason = String.valueOf(failure.getMessage());
    Throwable cause = failure.getCause();
    for (int depth = 0; cause != null && depth < 20; depth++) {
      if (cause.getMessage() != null) {
        reason = cause.getMessage();
      }
      cause = cause.getCause();
    }
    return reason;
  }
}
