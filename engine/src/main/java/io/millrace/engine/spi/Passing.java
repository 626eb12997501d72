package io.millrace.engine.spi;

/** A failure that may pass by itself, as it is none of the rows or of the job. */
public interface Passing {
  /** Whether it may, such as when a server is away, full or at its limit. */
  boolean passes();
}
