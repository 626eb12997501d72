package io.millrace.engine.spi;

/** What a step does to the number of rows, and so what can be said of rows that it did not pass. */
public enum Effect {
  /** One row out for each row in. */
  SAME,
  /** Each row comes out, is tagged as a dead letter, or calls {@link Dropped}. */
  SIFTS,
  /** The first row of each key comes out, in the batch that brings it; others are repeats. */
  DEDUPES,
  /** Rows are taken into state, which comes out later. */
  GATHERS,
  /** As many as it likes. */
  FREE
}
