package io.millrace.models;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Columns and their types, in Spark and in a manifest. */
final class Schemas {
  private Schemas() {}

  /** A column by its name; case does not count, as in Spark. */
  static Optional<StructField> find(StructType schema, String name) {
    return Arrays.stream(schema.fields())
        .filter(field -> field.name().equalsIgnoreCase(name))
        .findFirst();
  }

  /** These columns as a manifest has them. */
  static List<Manifest.Field> fields(StructType schema, List<String> names) {
    return names.stream()
        .map(name -> new Manifest.Field(name, schema.apply(name).dataType().sql(), 0))
        .toList();
  }

  /** The type of a column of a manifest that is no vector. */
  static DataType type(Manifest.Field field) {
    return DataType.fromDDL(field.type());
  }

  /**
   * Whether a model that learned from one type can read another and see the same values: whole
   * numbers of any width, or any number where it learned from floating ones.
   */
  static boolean fits(DataType learned, DataType found) {
    return learned.equals(found)
        || (whole(learned) && whole(found))
        || (floating(learned) && found instanceof NumericType);
  }

  /** Whether a column must be cast before the model reads it. */
  static boolean floating(DataType type) {
    return type.equals(DataTypes.DoubleType) || type.equals(DataTypes.FloatType);
  }

  private static boolean whole(DataType type) {
    return type instanceof ByteType
        || type instanceof ShortType
        || type instanceof IntegerType
        || type instanceof LongType;
  }
}
