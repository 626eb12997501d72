package io.millrace.engine.run;

import io.millrace.engine.spi.Causes;

/** A batch that was not delivered; the message says which, and to which sink if that is known. */
final class BatchFailedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private BatchFailedException(String message, Throwable cause) {
    super(message, cause);
  }

  static BatchFailedException of(long batch, Throwable cause) {
    String sink =
        Causes.find(cause, SinkFailedException.class)
            .map(e -> ", sink '" + e.sink() + "'")
            .orElse("");
    return new BatchFailedException(
        "batch " + batch + sink + ": " + JobFailedException.why(cause), cause);
  }
}
