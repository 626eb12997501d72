package io.millrace.engine.spi;

/** What becomes of a record without a value, by which a compacted topic says that a key is gone. */
public enum Tombstones {
  /** It is a dead letter. */
  DEAD_LETTER,
  /** It is no row, and counted as dropped. */
  DROP,
  /** It is a row of its key and coordinates alone: all columns are null. */
  KEEP
}
