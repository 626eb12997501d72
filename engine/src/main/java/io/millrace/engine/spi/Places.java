package io.millrace.engine.spi;

/**
 * Numbers for the rows that come to a writer: they tell which partition a row is of, and how many
 * of that came before. A writer adds one for each row.
 */
public final class Places {
  /** Of a row whose place is not known. */
  public static final long NOWHERE = -1;

  private static final int ROWS = 40;

  private Places() {}

  /** That of the first row of a partition. */
  public static long first(int partition) {
    return (long) partition << ROWS;
  }

  /** The partition of a row whose place is known. */
  public static int partition(long place) {
    return (int) (place >> ROWS);
  }
}
