package io.millrace.models.compiled;

import org.apache.spark.sql.types.DataTypes;
import org.jspecify.annotations.Nullable;

/** Columns that a model makes, most of them only if they have a name. */
final class Outputs {
  private Outputs() {}

  /** The name of a column without which Spark does not run the model. */
  static String needed(String name) throws Uncompiled {
    if (name.isEmpty()) {
      throw new Uncompiled("the column of its predictions has no name");
    }
    return name;
  }

  /** Of numbers, or null. */
  static @Nullable Slot number(String name, Columns columns) {
    return name.isEmpty() ? null : columns.addNumber(name, DataTypes.DoubleType);
  }

  /** Of vectors, or null. */
  static @Nullable Slot vector(String name, int size, Columns columns) {
    return name.isEmpty() ? null : columns.addVector(name, size);
  }
}
