package io.millrace.engine.spi;

import java.io.Serializable;

/** What one task tells the driver about the rows that it wrote. */
public interface Receipt extends Serializable {
  /** Rows that the task was given, those that it left out as rejects too. */
  long rows();
}
