package io.millrace.models.compiled;

import java.io.Serializable;
import org.apache.spark.sql.types.DataType;

/**
 * The place of a column among the {@link Cells} of a row.
 *
 * @param type of the column in Spark
 * @param size of a vector; -1 where it is not known, and for everything else
 */
public record Slot(int index, Kind kind, DataType type, int size) implements Serializable {
  /** The size of what has none. */
  public static final int NO_SIZE = -1;

  /** What lies in a place. */
  public enum Kind {
    /** Of any numeric type, or a boolean as 1 and 0; as a double. */
    NUMBER,
    /** A string. */
    TEXT,
    /** Strings in order. */
    WORDS,
    /** A vector of Spark's, dense or sparse as Spark would have it. */
    VECTOR
  }
}
