package io.millrace.engine.spi;

import java.io.Serializable;

/** Where rows end up. */
public sealed interface Sink extends Serializable permits StreamSink, BatchSink, RowSink {
  /**
   * What it promises when rows are written like this.
   *
   * @throws IllegalArgumentException with a sentence that says what would work, if it cannot write
   *     like this
   */
  Guarantee guarantee(Writing how);

  /**
   * The sink for a job that asks for this guarantee by name: itself, unless it has more ways to
   * write than one.
   */
  default Sink delivering(Guarantee asked) {
    return this;
  }
}
