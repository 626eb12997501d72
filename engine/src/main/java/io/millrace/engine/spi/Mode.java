package io.millrace.engine.spi;

/** Spark's output modes: which rows of a stateful result a batch hands to a sink. */
public enum Mode {
  APPEND,
  UPDATE,
  COMPLETE
}
