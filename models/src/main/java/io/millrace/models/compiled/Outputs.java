package io.millrace.models.compiled;

import org.apache.spark.sql.types.DataTypes;
import org.jspecify.annotations.Nullable;

/** Columns that a model makes only if they have a name. */
final class Outputs {
  private Outputs() {}

  /** Of numbers, or null. */
  static @Nullable Slot number(String name, Columns columns) {
    return name.isEmpty() ? null : columns.addNumber(name, DataTypes.DoubleType);
  }

  /** Of vectors, or null. */
  static @Nullable Slot vector(String name, int size, Columns columns) {
    return name.isEmpty() ? null : columns.addVector(name, size);
  }
}
