package io.millrace.engine.spi;

/** The driver's side of a fenced batch sink, from the start of a query to its stop. */
public interface BatchFence {
  /**
   * The last batch that the sink has, read from the sink itself; -1 if there is none.
   *
   * @throws IllegalStateException if a later start has taken over
   */
  long last();

  /**
   * Writes a batch together with its number, empty or not; one that is there already is left as it
   * is.
   *
   * @throws IllegalStateException if a later start has taken over
   */
  void write(Batch batch);
}
