package io.millrace.engine.spi;

/** The driver's side of a fenced batch sink, from the start of a query to its stop. */
public non-sealed interface BatchFence extends Fencing {
  /**
   * Writes a batch together with its number, empty or not; one that is there already is left as it
   * is.
   *
   * @throws IllegalStateException if a later start has taken over
   */
  void write(Batch batch);
}
