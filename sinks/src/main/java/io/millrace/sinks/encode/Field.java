package io.millrace.sinks.encode;

import java.time.ZoneId;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.util.DateTimeUtils;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.VariantType;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;
import scala.Option;

/** The bytes that a row gives for one part of what is sent. */
public interface Field {
  /** The bytes, null for a null. They belong to the caller. */
  byte @Nullable [] bytes(InternalRow row);

  /** A string or binary column as it is. */
  static Field raw(StructType rows, int index) {
    StructField column = rows.apply(index);
    if (column.dataType() instanceof BinaryType) {
      return row -> row.isNullAt(index) ? null : row.getBinary(index);
    }
    if (column.dataType() instanceof StringType) {
      return row -> row.isNullAt(index) ? null : row.getUTF8String(index).getBytes();
    }
    throw new IllegalArgumentException(
        "Expected a string or binary column for value, found "
            + column.name()
            + " of type "
            + column.dataType().sql()
            + ". Leave value out for JSON of all columns, or cast it in a sql step");
  }

  /** A string or binary column as it is, any other plain column as Spark casts it to text. */
  static Field text(StructType rows, int index) {
    DataType type = rows.apply(index).dataType();
    if (type instanceof BinaryType || type instanceof StringType) {
      return raw(rows, index);
    }
    if (nested(type)) {
      throw new IllegalArgumentException(
          "Expected a column of a plain type, found "
              + rows.apply(index).name()
              + " of type "
              + type.sql()
              + ". Use to_json in a sql step");
    }
    Cast text =
        new Cast(
            new BoundReference(index, type, true),
            DataTypes.StringType,
            Option.apply(SQLConf.get().sessionLocalTimeZone()));
    return row -> row.isNullAt(index) ? null : ((UTF8String) text.eval(row)).getBytes();
  }

  /** The same; a column that is not plain is JSON. Not for two threads. */
  static Field textOrJson(StructType rows, int index) {
    DataType type = rows.apply(index).dataType();
    if (!nested(type)) {
      return text(rows, index);
    }
    JsonValue json = JsonValue.of(rows.apply(index).name(), type, zone());
    Bytes bytes = new Bytes(256);
    return row -> {
      if (row.isNullAt(index)) {
        return null;
      }
      bytes.clear();
      json.write(row, index, bytes);
      return bytes.copy();
    };
  }

  private static boolean nested(DataType type) {
    return type instanceof StructType
        || type instanceof ArrayType
        || type instanceof MapType
        || type instanceof VariantType;
  }

  private static ZoneId zone() {
    return DateTimeUtils.getZoneId(SQLConf.get().sessionLocalTimeZone());
  }

  /** All columns as one JSON object, its times in the session's zone. Not for two threads. */
  static Field json(StructType rows) {
    return json(rows, IntStream.range(0, rows.length()).toArray());
  }

  /** The same of some columns. */
  static Field json(StructType rows, int[] ordinals) {
    JsonObject object = new JsonObject(rows, ordinals, zone());
    Bytes bytes = new Bytes(512);
    return row -> {
      bytes.clear();
      object.write(row, bytes);
      return bytes.copy();
    };
  }
}
