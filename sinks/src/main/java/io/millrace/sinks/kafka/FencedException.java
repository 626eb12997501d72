package io.millrace.sinks.kafka;

import io.millrace.engine.spi.Passing;

/**
 * The transaction of a batch was ended by whoever opened the next one. That may be a start that has
 * been replaced and finds out only behind its opening, so another try is worth it: it reads the
 * marks first, and is the last one where it is this start that has been replaced.
 */
final class FencedException extends IllegalStateException implements Passing {
  private static final long serialVersionUID = 1;

  private FencedException(String message, Throwable cause) {
    super(message, cause);
  }

  /** The failure of a transaction: this one where it was fenced, else one that does not pass. */
  static IllegalStateException of(String message, Throwable cause) {
    return Transactions.fenced(cause)
        ? new FencedException(message, cause)
        : new IllegalStateException(message, cause);
  }

  @Override
  public boolean passes() {
    return true;
  }
}
