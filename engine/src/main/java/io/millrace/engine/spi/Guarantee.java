package io.millrace.engine.spi;

/** How often a row ends up in a sink, from the strongest to the weakest. */
public enum Guarantee {
  /** A batch and its number become visible in one atomic step. */
  EXACTLY_ONCE,
  /** A row that is written again replaces itself. */
  ONCE_PER_KEY,
  /** No row is lost; a replay may write rows again. */
  AT_LEAST_ONCE,
  /** Rows may be lost: the source cannot hand them out again. */
  NONE
}
