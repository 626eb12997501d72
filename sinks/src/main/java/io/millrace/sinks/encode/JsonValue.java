package io.millrace.sinks.encode;

import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.Base64;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.IntervalStringStyles$;
import org.apache.spark.sql.catalyst.util.IntervalUtils;
import org.apache.spark.sql.catalyst.util.MapData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.CalendarIntervalType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DayTimeIntervalType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.sql.types.UserDefinedType;
import org.apache.spark.sql.types.VariantType;
import org.apache.spark.sql.types.YearMonthIntervalType;
import org.apache.spark.unsafe.types.UTF8String;

/** How a value of one type stands in JSON. */
@FunctionalInterface
public interface JsonValue {
  /** Adds a value that is not null. */
  void write(SpecializedGetters row, int ordinal, Bytes out);

  /**
   * The form of a type.
   *
   * @param name of the column, for the error
   * @param zone in which times are told
   * @throws IllegalArgumentException with a sentence, if the type has no form in JSON
   */
  static JsonValue of(String name, DataType type, ZoneId zone) {
    if (type instanceof StructType struct) {
      JsonObject object = new JsonObject(name + ".", struct, zone);
      return (row, at, out) -> object.write(row.getStruct(at, struct.length()), out);
    } else if (type instanceof ArrayType array) {
      return array(of(name + ".element", array.elementType(), zone));
    } else if (type instanceof MapType map) {
      return map(map.keyType(), of(name + ".value", map.valueType(), zone));
    } else if (type instanceof UserDefinedType<?> user) {
      return of(name, user.sqlType(), zone);
    } else if (type instanceof DateType) {
      return JsonTime.date();
    } else if (type instanceof TimestampType) {
      return JsonTime.instant(zone);
    } else if (type instanceof TimestampNTZType) {
      return JsonTime.local();
    } else if (type instanceof VariantType) {
      return (row, at, out) ->
          out.put(row.getVariant(at).toJson(zone).getBytes(StandardCharsets.UTF_8));
    }
    return plain(name, type);
  }

  private static JsonValue plain(String name, DataType type) {
    if (type instanceof StringType) {
      return (row, at, out) -> JsonString.write(row.getUTF8String(at), out);
    } else if (type instanceof LongType) {
      return (row, at, out) -> out.putDecimal(row.getLong(at));
    } else if (type instanceof IntegerType) {
      return (row, at, out) -> out.putDecimal(row.getInt(at));
    } else if (type instanceof ShortType) {
      return (row, at, out) -> out.putDecimal(row.getShort(at));
    } else if (type instanceof ByteType) {
      return (row, at, out) -> out.putDecimal(row.getByte(at));
    } else if (type instanceof DoubleType) {
      return (row, at, out) -> JsonNumber.write(row.getDouble(at), out);
    } else if (type instanceof FloatType) {
      return (row, at, out) -> JsonNumber.write(row.getFloat(at), out);
    } else if (type instanceof DecimalType decimal) {
      return (row, at, out) ->
          out.putAscii(
              row.getDecimal(at, decimal.precision(), decimal.scale())
                  .toJavaBigDecimal()
                  .toString());
    } else if (type instanceof BooleanType) {
      return (row, at, out) -> out.putAscii(row.getBoolean(at) ? "true" : "false");
    }
    return rare(name, type);
  }

  private static JsonValue rare(String name, DataType type) {
    if (type instanceof BinaryType) {
      return (row, at, out) -> quoted(Base64.getEncoder().encodeToString(row.getBinary(at)), out);
    } else if (type instanceof CalendarIntervalType) {
      return (row, at, out) -> quoted(row.getInterval(at).toString(), out);
    } else if (type instanceof YearMonthIntervalType interval) {
      return (row, at, out) -> quoted(interval(interval, row.getInt(at)), out);
    } else if (type instanceof DayTimeIntervalType interval) {
      return (row, at, out) -> quoted(interval(interval, row.getLong(at)), out);
    } else if (type instanceof NullType) {
      return (row, at, out) -> out.putAscii("null");
    }
    throw new IllegalArgumentException(
        "Cannot write column "
            + name
            + " of type "
            + type.sql()
            + " as JSON. Cast it to string in a sql step");
  }

  private static String interval(YearMonthIntervalType type, int months) {
    return IntervalUtils.toYearMonthIntervalString(
        months, IntervalStringStyles$.MODULE$.ANSI_STYLE(), type.startField(), type.endField());
  }

  private static String interval(DayTimeIntervalType type, long micros) {
    return IntervalUtils.toDayTimeIntervalString(
        micros, IntervalStringStyles$.MODULE$.ANSI_STYLE(), type.startField(), type.endField());
  }

  private static void quoted(String ascii, Bytes out) {
    out.putByte('"');
    out.putAscii(ascii);
    out.putByte('"');
  }

  private static JsonValue array(JsonValue element) {
    return (row, at, out) -> {
      ArrayData values = row.getArray(at);
      out.putByte('[');
      for (int next = 0; next < values.numElements(); next++) {
        if (next > 0) {
          out.putByte(',');
        }
        orNull(element, values, next, out);
      }
      out.putByte(']');
    };
  }

  private static JsonValue map(DataType key, JsonValue value) {
    return (row, at, out) -> {
      MapData entries = row.getMap(at);
      ArrayData keys = entries.keyArray();
      ArrayData values = entries.valueArray();
      out.putByte('{');
      for (int next = 0; next < entries.numElements(); next++) {
        if (next > 0) {
          out.putByte(',');
        }
        JsonString.write(UTF8String.fromString(key(keys, next, key)), out);
        out.putByte(':');
        orNull(value, values, next, out);
      }
      out.putByte('}');
    };
  }

  /** As {@code to_json} has it: what Spark holds of the key, as text. */
  private static String key(ArrayData keys, int at, DataType type) {
    if (type instanceof YearMonthIntervalType interval) {
      return interval(interval, keys.getInt(at));
    } else if (type instanceof DayTimeIntervalType interval) {
      return interval(interval, keys.getLong(at));
    }
    return keys.get(at, type).toString();
  }

  private static void orNull(JsonValue value, ArrayData values, int at, Bytes out) {
    if (values.isNullAt(at)) {
      out.putAscii("null");
    } else {
      value.write(values, at, out);
    }
  }
}
