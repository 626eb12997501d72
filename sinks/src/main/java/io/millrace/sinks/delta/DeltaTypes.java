package io.millrace.sinks.delta;

import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** What a column of a Delta table may be. */
final class DeltaTypes {
  private DeltaTypes() {}

  /**
   * Checks all columns.
   *
   * @throws IllegalArgumentException with a sentence, for the first one that Delta cannot keep
   */
  static void check(StructType rows) {
    for (StructField field : rows.fields()) {
      check(field.name(), field.dataType());
    }
  }

  private static void check(String name, DataType type) {
    if (type instanceof StructType struct) {
      for (StructField field : struct.fields()) {
        check(name + "." + field.name(), field.dataType());
      }
    } else if (type instanceof ArrayType array) {
      check(name + ".element", array.elementType());
    } else if (type instanceof MapType map) {
      check(name + ".key", map.keyType());
      check(name + ".value", map.valueType());
    } else if (refused(type)) {
      throw new IllegalArgumentException(
          "Cannot keep column "
              + name
              + " of type "
              + type.sql()
              + " in a Delta table. Cast it in a sql step, for example to string");
    }
  }

  private static boolean refused(DataType type) {
    String name = type.typeName();
    return name.equals("void") || name.contains("interval") || name.startsWith("time(");
  }
}
