package io.millrace.engine.run;

/** A job that stopped while running; the message says where. */
public final class JobFailedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public JobFailedException(String message, Throwable cause) {
    super(message, cause);
  }

  /** The batch and the sink that failed, as far as they are known, and the innermost cause. */
  public static String reason(Throwable failure) {
    return BatchFailedException.find(failure, BatchFailedException.class)
        .map(Throwable::getMessage)
        .orElseGet(
            () ->
                BatchFailedException.find(failure, SinkFailedException.class)
                    .map(sink -> "sink '" + sink.sink() + "': " + innermost(sink))
                    .orElseGet(() -> innermost(failure)));
  }

  /** The innermost cause that says something. */
  static String innermost(Throwable failure) {
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
