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
   * The sink for a query in real time: each row is there when its writer has it, and {@link
   * RowWriter#finish()} comes long behind. What it promises is the same.
   *
   * @throws IllegalArgumentException with a clause that says why not and a sentence that says what
   *     would work, if rows are there only batch by batch
   */
  default RowSink<?> inRealTime(Writing how) {
    throw new IllegalArgumentException(
        "makes rows visible batch by batch. Write to kafka, or with a trigger such as 10s");
  }

  /**
   * The sink for a job that asks for this guarantee by name: itself, unless it has more ways to
   * write than one.
   */
  default Sink delivering(Guarantee asked) {
    return this;
  }
}
