package io.millrace.models.onnx;

import java.io.Serializable;

/**
 * An input or output of a model, for one row.
 *
 * @param rank how many dimensions it has, the one of the rows among them
 * @param size how many values it has
 */
public record Tensor(String name, Kind kind, int rank, int size) implements Serializable {

  /** What the values are. */
  public enum Kind {
    FLOAT,
    DOUBLE,
    INT32,
    INT64,
    BOOLEAN,
    STRING;

    /** Whether the values may be NaN. */
    public boolean floating() {
      return this == FLOAT || this == DOUBLE;
    }
  }

  /** The same with another number of values. */
  public Tensor withSize(int other) {
    return new Tensor(name, kind, rank, other);
  }

  /** Its shape with one row. */
  long[] shape() {
    return rank == 1 ? new long[] {1} : new long[] {1, size};
  }
}
