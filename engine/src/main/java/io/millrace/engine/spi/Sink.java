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

  /** In which order rows of one key take effect that come from one task, batch after batch. */
  default Order order(Writing how) {
    return new Order.Lost("it may write the rows of a batch in any order");
  }

  /**
   * The sink for a job that asks for this guarantee by name: itself, unless it has more ways to
   * write than one.
   */
  default Sink delivering(Guarantee asked) {
    return this;
  }
}
