package io.millrace.engine.fold;

import java.io.Serializable;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * When a window gives results besides the one at its end, and what becomes of what it has given.
 *
 * @param rows after so many rows; 0 for never
 * @param every after so long, by the times of the batches, in microseconds; 0 for never
 * @param late for so long behind its end, in microseconds, with each batch that has rows for it
 */
public record Firing(long rows, long every, long late, Panes panes) implements Serializable {

  /** What becomes of what a window has given. */
  public enum Panes {
    /** The next result is over the rows since then. */
    DISCARD,
    /** The next result is over all rows, and takes its place. */
    ACCUMULATE,
    /** As with accumulate; the result before is given again, as one to delete. */
    RETRACT
  }

  /** Whether a window is full when it gives a result. */
  public enum Pane {
    EARLY("early"),
    ON_TIME("on-time"),
    LATE("late");

    private final String word;

    Pane(String word) {
      this.word = word;
    }

    String word() {
      return word;
    }
  }

  /** Only at the end, where a window has all its rows. */
  public Firing atEnd() {
    return new Firing(0, 0, 0, panes);
  }

  /** The columns that tell of it: a window's rows are numbered from 1 on, as version. */
  public StructType columns() {
    StructType pane =
        new StructType().add("pane", DataTypes.StringType).add("version", DataTypes.LongType);
    return panes == Panes.RETRACT ? pane.add("operation", DataTypes.StringType) : pane;
  }
}
