package io.millrace.sinks.pool;

/** A database that cannot be used, with the place and what to check. */
public final class DatabaseException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public DatabaseException(String message, Throwable cause) {
    super(message, cause);
  }
}
