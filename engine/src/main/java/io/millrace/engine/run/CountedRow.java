package io.millrace.engine.run;

import java.io.Serializable;
import org.apache.spark.TaskContext;
import org.jspecify.annotations.Nullable;
import scala.runtime.AbstractFunction0;
import scala.runtime.AbstractFunction1;

/** Functions that answer true and count the rows that they see. */
final class CountedRow {
  /** The watermark behind which rows of a batch are late, in milliseconds; absent if none are. */
  static final String WATERMARK = "millrace.late.watermark";

  private static final long NEVER = Long.MIN_VALUE;

  private CountedRow() {}

  /** Travels with a tally that is the same one for all functions of a task. */
  record Cells(Tally tally) implements Serializable {}

  /** Each row in one cell. */
  static final class Any extends AbstractFunction0<Object> implements Serializable {
    private static final long serialVersionUID = 1;

    private final Cells cells;
    private final int cell;

    Any(Cells cells, int cell) {
      this.cells = cells;
      this.cell = cell;
    }

    @Override
    public Object apply() {
      cells.tally().count(cell);
      return true;
    }
  }

  /** Dead letters in one cell, other rows in another. */
  static final class Fate extends AbstractFunction1<Object, Object> implements Serializable {
    private static final long serialVersionUID = 1;

    private final Cells cells;
    private final int live;
    private final int dead;

    Fate(Cells cells, int live, int dead) {
      this.cells = cells;
      this.live = live;
      this.dead = dead;
    }

    @Override
    public Object apply(Object isDead) {
      cells.tally().count((Boolean) isDead ? dead : live);
      return true;
    }
  }

  /** Rows that are late. It gets the event time until which a row is on time, in microseconds. */
  static final class Late extends AbstractFunction1<Object, Object> implements Serializable {
    private static final long serialVersionUID = 1;

    private final Cells cells;
    private final int late;
    private final boolean timeless;
    private transient boolean known;
    private transient long watermark;

    /**
     * Counts.
     *
     * @param timeless whether a row without a time is late
     */
    Late(Cells cells, int late, boolean timeless) {
      this.cells = cells;
      this.late = late;
      this.timeless = timeless;
    }

    @Override
    public Object apply(@Nullable Object until) {
      if (until == null ? timeless : (Long) until <= watermark()) {
        cells.tally().count(late);
      }
      return true;
    }

    private long watermark() {
      if (!known) {
        TaskContext task = TaskContext.get();
        String set = task == null ? null : task.getLocalProperty(WATERMARK);
        watermark = set == null ? NEVER : Long.parseLong(set) * 1_000;
        known = true;
      }
      return watermark;
    }
  }
}
