package io.millrace.sinks.kafka;

import java.io.ByteArrayOutputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.json.JSONOptions;
import org.apache.spark.sql.catalyst.json.JacksonGenerator;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.CalendarIntervalType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DayTimeIntervalType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.sql.types.UserDefinedType;
import org.apache.spark.sql.types.VariantType;
import org.apache.spark.sql.types.YearMonthIntervalType;
import scala.collection.immutable.Map$;

/** Rows as JSON objects in UTF-8, by the code behind Spark's {@code to_json}. */
final class Json implements Field {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
  private final JacksonGenerator generator;

  Json(StructType rows) {
    for (StructField column : rows.fields()) {
      check(column.name(), column.dataType());
    }
    JSONOptions options =
        new JSONOptions(Map$.MODULE$.empty(), SQLConf.get().sessionLocalTimeZone(), "");
    generator =
        new JacksonGenerator(rows, new OutputStreamWriter(bytes, StandardCharsets.UTF_8), options);
  }

  @Override
  public byte[] bytes(InternalRow row) {
    bytes.reset();
    generator.write(row);
    generator.flush();
    return bytes.toByteArray();
  }

  private static void check(String name, DataType type) {
    if (type instanceof StructType struct) {
      for (StructField field : struct.fields()) {
        check(name + "." + field.name(), field.dataType());
      }
    } else if (type instanceof ArrayType array) {
      check(name + ".element", array.elementType());
    } else if (type instanceof MapType map) {
      check(name + ".value", map.valueType());
    } else if (type instanceof UserDefinedType<?> user) {
      check(name, user.sqlType());
    } else if (!plain(type)) {
      throw new IllegalArgumentException(
          "Cannot write column "
              + name
              + " of type "
              + type.sql()
              + " as JSON. Cast it to string in a sql step");
    }
  }

  private static boolean plain(DataType type) {
    return type instanceof NumericType
        || type instanceof StringType
        || type instanceof BinaryType
        || type instanceof BooleanType
        || type instanceof DateType
        || type instanceof TimestampType
        || type instanceof TimestampNTZType
        || type instanceof CalendarIntervalType
        || type instanceof YearMonthIntervalType
        || type instanceof DayTimeIntervalType
        || type instanceof VariantType
        || type instanceof NullType;
  }
}
