package io.millrace.engine.spi;

/** What becomes of rows behind the watermark, which state takes no more. */
public enum Late {
  /** They are left out, and counted. */
  DROP,
  /** They are counted too, and go to the dead letters. */
  KEEP
}
