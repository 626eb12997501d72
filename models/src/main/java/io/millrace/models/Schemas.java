package io.millrace.models;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
  private static final Map<String, DataType> PLAIN =
      Stream.of(
              DataTypes.BooleanType,
              DataTypes.ByteType,
              DataTypes.ShortType,
              DataTypes.IntegerType,
              DataTypes.LongType,
              DataTypes.FloatType,
              DataTypes.DoubleType,
              DataTypes.StringType)
          .collect(Collectors.toUnmodifiableMap(DataType::sql, type -> type));

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

  /**
   * The type of a column of a manifest that is no vector. Spark's parser, which takes a second to
   * wake, is asked for rare types only.
   */
  static DataType type(Manifest.Field field) {
    DataType plain = PLAIN.get(field.type());
    return plain == null ? DataType.fromDDL(field.type()) : plain;
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

  /** What a model reads that these rows do not have as it needs it, a clause for each column. */
  static List<String> unfit(Manifest manifest, StructType rows) {
    List<String> wrong = new ArrayList<>();
    for (Manifest.Field input : manifest.inputs()) {
      DataType learned = type(input);
      Optional<StructField> found = find(rows, input.name());
      if (found.isEmpty()) {
        wrong.add(input.name() + " " + learned.simpleString() + " is missing");
      } else if (!fits(learned, found.get().dataType())) {
        wrong.add(
            input.name()
                + " is "
                + found.get().dataType().simpleString()
                + ", not "
                + learned.simpleString());
      }
    }
    return wrong;
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
