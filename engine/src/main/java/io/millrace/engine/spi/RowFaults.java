package io.millrace.engine.spi;

import java.io.Serializable;

/** What a job wants done with rows that a sink cannot take for a fault of their own. */
public enum RowFaults implements Serializable {
  /** The batch fails, and the job stops. */
  STOP,
  /** They are left out, counted and told in the log. */
  DROP,
  /** They are left out and become dead letters. */
  LETTER
}
