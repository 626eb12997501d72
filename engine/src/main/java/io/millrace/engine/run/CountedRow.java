package io.millrace.engine.run;

import java.io.Serializable;
import java.util.function.IntUnaryOperator;
import scala.runtime.AbstractFunction0;
import scala.runtime.AbstractFunction1;

/** Functions that answer true and count the rows that they see. */
final class CountedRow {
  private CountedRow() {}

  /** A function that counts in cells. */
  interface Counting {
    /** The same function, which counts in other cells. */
    Object in(IntUnaryOperator others);
  }

  /** Travels with a tally that is the same one for all functions of a task. */
  record Cells(Tally tally) implements Serializable {}

  /** Each row in one cell. */
  static final class Any extends AbstractFunction0<Object> implements Counting, Serializable {
    private static final long serialVersionUID = 1;

    private final Cells cells;
    private final int cell;

    Any(Cells cells, int cell) {
      this.cells = cells;
      this.cell = cell;
    }

    @Override
    public Any in(IntUnaryOperator others) {
      return new Any(cells, others.applyAsInt(cell));
    }

    @Override
    public Object apply() {
      cells.tally().count(cell);
      return true;
    }
  }

  /** Dead letters in one cell, other rows in another. */
  static final class Fate extends AbstractFunction1<Object, Object>
      implements Counting, Serializable {
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
    public Fate in(IntUnaryOperator others) {
      return new Fate(cells, others.applyAsInt(live), others.applyAsInt(dead));
    }

    @Override
    public Object apply(Object isDead) {
      cells.tally().count((Boolean) isDead ? dead : live);
      return true;
    }
  }
}
