package io.millrace.engine.spi;

import java.util.Locale;

/**
 * Places on the way of a batch at which a job can be made to fail once, to see that nothing is lost
 * or doubled by that. They do nothing in a JVM that was started without the system property {@value
 * #PROPERTY}; in one that has it, its value names the next to fail, as {@code committed@orders}.
 */
public enum Failpoint {
  /** A start has fenced those before it, and no batch has begun. */
  FENCED,
  /** A sink is ready for the rows of a batch. */
  BEGUN,
  /** A task has handed a row to a sink. */
  ROW_WRITTEN,
  /** A task has handed all its rows to a sink. */
  TASK_FINISHED,
  /** All tasks have ended, nothing is committed. */
  TASKS_DONE,
  /** A sink has the rows of a batch where no reader sees them, without the batch's number. */
  ROWS_STORED,
  /** The number is there too, and nothing is committed. */
  NUMBER_STORED,
  /** A file of several is where readers see it. */
  FILE_MOVED,
  /** A batch is committed, which only the sink knows. */
  COMMITTED,
  /** A sink has a batch, the next one of its query has not. */
  SINK_DONE,
  /** Rows that a sink left out are known, and the dead letters lack them. */
  FORWARDING,
  /** The dead letters have them, which the sink does not know. */
  FORWARDED,
  /** All sinks of a query have a batch, and nobody has accounted for it. */
  DELIVERED,
  /** The account is kept, and Spark has not noted the batch as done. */
  ACCOUNTED,
  /** The letters of a drive are set aside. */
  DRIVE_ASIDE,
  /** A drive has begun. */
  DRIVE_BEGUN,
  /** A drive is marked as ended, and still named as the one under way. */
  DRIVE_ENDED;

  /** Where the next failure is, and whether there can be any. */
  public static final String PROPERTY = "millrace.failpoint";

  private static final boolean ON = System.getProperty(PROPERTY) != null;

  /** As the property names it. */
  public String at(String whose) {
    return name().toLowerCase(Locale.ROOT).replace('_', '-') + "@" + whose;
  }

  /**
   * Fails here if that is what the property says, once.
   *
   * @param whose the name of the sink or of the query
   */
  public void reached(String whose) {
    if (ON && System.getProperties().remove(PROPERTY, at(whose))) {
      throw new IllegalStateException("Cannot go on: made to fail at " + at(whose));
    }
  }
}
