package io.millrace.engine.spi;

import java.io.Serializable;

/**
 * How the job wants its rows written.
 *
 * @param faults what becomes of rows that the sink cannot take; a sink that cannot leave out single
 *     rows stops at them whatever this says
 * @param limit how many such rows of a batch there may be
 */
public record Writing(Mode mode, Write write, RowFaults faults, Limit limit)
    implements Serializable {

  /** Where a row that the sink cannot take stops the job. */
  public Writing(Mode mode, Write write) {
    this(mode, write, RowFaults.STOP, Limit.NONE);
  }

  /**
   * For a sink that can only append.
   *
   * @param why the rest of the sentence: where it cannot do otherwise, and what would work
   * @throws IllegalArgumentException if the job wants anything else
   */
  public void onlyAppends(String why) {
    if (write != Write.APPEND) {
      throw new IllegalArgumentException("Cannot " + write.verb() + " " + why);
    }
  }
}
