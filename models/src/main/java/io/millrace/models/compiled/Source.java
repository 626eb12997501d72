package io.millrace.models.compiled;

import java.io.Serializable;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.types.BooleanType;
import org.jspecify.annotations.Nullable;

/**
 * A column that a stage reads, with the name that is said of it where a row has something else than
 * the stage takes.
 */
record Source(String column, Slot slot) implements Serializable {
  /** Numbers of any type, but no booleans. */
  static Source number(String column, Columns columns) throws Uncompiled {
    Slot slot = columns.number(column);
    if (slot.type() instanceof BooleanType) {
      throw new Uncompiled("the column " + column + " is boolean, which a stage reads as a number");
    }
    return new Source(column, slot);
  }

  static Source text(String column, Columns columns) throws Uncompiled {
    return new Source(column, columns.text(column));
  }

  static Source words(String column, Columns columns) throws Uncompiled {
    return new Source(column, columns.words(column));
  }

  static Source vector(String column, Columns columns) throws Uncompiled {
    return new Source(column, columns.vector(column));
  }

  /**
   * The text of a row.
   *
   * @throws RowFault if it is null
   */
  String text(Cells row) {
    String text = row.text(slot);
    if (text == null) {
      throw missing("text");
    }
    return text;
  }

  /**
   * The words of a row, of which each may be null.
   *
   * @throws RowFault if there are none, not even an empty list
   */
  @Nullable String[] words(Cells row) {
    @Nullable String[] words = row.words(slot);
    if (words == null) {
      throw missing("words");
    }
    return words;
  }

  /**
   * The vector of a row.
   *
   * @throws RowFault if it is null
   */
  Vector vector(Cells row) {
    Vector vector = row.vector(slot);
    if (vector == null) {
      throw missing("vector");
    }
    return vector;
  }

  /**
   * The vector of a row.
   *
   * @throws RowFault if it is null or of another size
   */
  Vector vector(Cells row, int size) {
    Vector vector = vector(row);
    check(vector, size);
    return vector;
  }

  /**
   * Checks the size of a vector.
   *
   * @throws RowFault if it is another
   */
  void check(Vector vector, int size) {
    if (vector.size() != size) {
      throw new RowFault(
          "Expected a vector of " + size + " in column " + column + ", not of " + vector.size());
    }
  }

  /**
   * Checks how many values of a vector count.
   *
   * @throws RowFault if they are more than the stage knows
   */
  void atMost(int size, int most) {
    if (size > most) {
      throw new RowFault(
          "Expected a vector of at most " + most + " in column " + column + ", not of " + size);
    }
  }

  /** A fault that says what a row has not. */
  RowFault missing(String what) {
    return new RowFault("Missing " + what + " in column " + column);
  }
}
