package io.millrace.engine.spi;

import java.io.Serializable;

/** Anything between a source and a sink. */
public sealed interface Step extends Serializable permits Transform, Combine, Planned {
  /** Whether it keeps rows or keys from one batch to the next. */
  default boolean stateful() {
    return false;
  }
}
