package io.millrace.sinks.pool;

import io.millrace.engine.spi.Passing;

/** A database that cannot be used, with the place and what to check. */
public final class DatabaseException extends RuntimeException implements Passing {
  private static final long serialVersionUID = 2;

  private final boolean passes;

  public DatabaseException(String message, Throwable cause) {
    super(message, cause);
    this.passes = Outage.is(cause);
  }

  @Override
  public boolean passes() {
    return passes;
  }
}
