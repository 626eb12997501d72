package io.millrace.engine.run;

import java.util.Optional;

/** A batch that was not delivered; the message says which, and to which sink if that is known. */
final class BatchFailedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private BatchFailedException(String message, Throwable cause) {
    super(message, cause);
  }

  static BatchFailedException of(long batch, Throwable cause) {
    String sink =
        find(cause, SinkFailedException.class).map(e -> ", sink '" + e.sink() + "'").orElse("");
    return new BatchFailedException(
        "batch " + batch + sink + ": " + JobFailedException.why(cause), cause);
  }

  /** The first failure of a type along the causes. */
  static <E> Optional<E> find(Throwable failure, Class<E> type) {
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < 20; depth++) {
      if (type.isInstance(cause)) {
        return Optional.of(type.cast(cause));
      }
      cause = cause.getCause();
    }
    return Optional.empty();
  }
}
