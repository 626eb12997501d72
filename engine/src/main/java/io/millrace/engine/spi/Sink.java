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
}
