package io.millrace.sinks.kafka;

import io.millrace.engine.spi.Causes;
import io.millrace.engine.spi.Passing;
import org.apache.kafka.common.errors.RetriableException;

/**
 * A transaction that failed, or what it rests on, with the place and what to check. It passes where
 * the brokers were away, and where whoever opened the next transaction ended this one. That may be
 * a start that has been replaced and finds out only behind its opening: another try reads the marks
 * first, and is the last one where it is this start that has been replaced.
 */
final class TransactionException extends IllegalStateException implements Passing {
  private static final long serialVersionUID = 1;

  private final boolean passes;

  TransactionException(String message, Throwable cause) {
    super(message, cause);
    this.passes = Transactions.fenced(cause) || away(cause);
  }

  private TransactionException(String message) {
    super(message);
    this.passes = true;
  }

  /** The brokers answer, and not in time. */
  static TransactionException late(String message) {
    return new TransactionException(message);
  }

  private static boolean away(Throwable why) {
    return Causes.any(why, RetriableException.class) || Passing.in(why);
  }

  @Override
  public boolean passes() {
    return passes;
  }
}
