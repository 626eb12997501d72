package io.millrace.engine.spi;

import java.io.Serializable;

/** Opens writers on the JVMs of tasks. It travels to them: it holds nothing that is open. */
public interface Writers<R extends Receipt> extends Serializable {
  /** A writer on the JVM of the task. */
  RowWriter<R> writer(Attempt attempt);
}
