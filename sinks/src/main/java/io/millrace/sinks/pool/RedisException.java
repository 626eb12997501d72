package io.millrace.sinks.pool;

import io.millrace.engine.spi.Passing;

/** A Redis server that cannot be used, with the place and what to check. */
public final class RedisException extends RuntimeException implements Passing {
  private static final long serialVersionUID = 1;

  private final boolean passes;

  public RedisException(String message, boolean passes) {
    super(message);
    this.passes = passes;
  }

  RedisException(String message, boolean passes, Throwable cause) {
    super(message, cause);
    this.passes = passes;
  }

  @Override
  public boolean passes() {
    return passes;
  }
}
