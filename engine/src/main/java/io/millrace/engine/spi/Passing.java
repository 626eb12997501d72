package io.millrace.engine.spi;

/** A failure that may pass by itself, as it is none of the rows or of the job. */
public interface Passing {
  /** Whether it may, such as when a server is away, full or at its limit. */
  boolean passes();

  /** Whether a failure may, by the first along its causes that can tell. */
  static boolean in(Throwable failure) {
    return Causes.find(failure, Passing.class).map(Passing::passes).orElse(false);
  }
}
