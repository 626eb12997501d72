package io.millrace.sinks.jdbc;

import io.millrace.sinks.encode.Bytes;
import io.millrace.sinks.encode.JsonValue;
import java.math.BigInteger;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/** How one value stands in PostgreSQL's binary COPY: its length, then what its type receives. */
final class CopyFields {
  private static final long EPOCH_DAYS = 10_957;
  private static final long EPOCH_MICROS = 946_684_800_000_000L;
  private static final BigInteger GROUP = BigInteger.valueOf(10_000);
  private static final Pattern UUID_TEXT =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
  private static final Set<String> TEXT =
      Set.of("text", "varchar", "bpchar", "name", "citext", "json", "enum");
  private static final Map<String, Integer> OIDS =
      Map.ofEntries(
          Map.entry("bool", 16),
          Map.entry("bytea", 17),
          Map.entry("int8", 20),
          Map.entry("int2", 21),
          Map.entry("int4", 23),
          Map.entry("text", 25),
          Map.entry("json", 114),
          Map.entry("float4", 700),
          Map.entry("float8", 701),
          Map.entry("bpchar", 1042),
          Map.entry("varchar", 1043),
          Map.entry("date", 1082),
          Map.entry("timestamp", 1114),
          Map.entry("timestamptz", 1184),
          Map.entry("numeric", 1700),
          Map.entry("uuid", 2950),
          Map.entry("jsonb", 3802));

  private CopyFields() {}

  /** Writes a value that is not null. */
  @FunctionalInterface
  interface Field {
    void write(SpecializedGetters row, int ordinal, Bytes out);
  }

  /** The encoder of a Spark type into a column's type; none if the column cannot take it. */
  static Optional<Field> of(DataType from, String to, int scale) {
    if (from instanceof ArrayType array && to.startsWith("_")) {
      Integer oid = OIDS.get(to.substring(1));
      return oid == null
          ? Optional.empty()
          : of(array.elementType(), to.substring(1), scale).map(element -> array(oid, element));
    }
    if (Dialect.nested(from)) {
      return to.equals("jsonb") || to.equals("json")
          ? Optional.of(json(from, to))
          : Optional.empty();
    }
    return Optional.ofNullable(
        switch (to) {
          case "bool" -> from instanceof BooleanType ? CopyFields::bool : null;
          case "int2", "int4", "int8" -> integer(from, to);
          case "float4" -> from instanceof FloatType ? CopyFields::real : null;
          case "float8" -> floating(from);
          case "numeric" -> numeric(from, scale);
          case "bytea" -> from instanceof BinaryType ? CopyFields::binary : null;
          case "date" -> from instanceof DateType ? CopyFields::date : null;
          case "timestamptz" -> from instanceof TimestampType ? CopyFields::timestamp : null;
          case "timestamp" ->
              from instanceof TimestampType || from instanceof TimestampNTZType
                  ? CopyFields::timestamp
                  : null;
          case "uuid" -> from instanceof StringType ? CopyFields::uuid : null;
          case "jsonb" -> from instanceof StringType ? CopyFields::jsonb : null;
          default -> from instanceof StringType && TEXT.contains(to) ? CopyFields::text : null;
        });
  }

  private static void bool(SpecializedGetters row, int ordinal, Bytes out) {
    out.putInt(1);
    out.putByte(row.getBoolean(ordinal) ? 1 : 0);
  }

  private static @Nullable Field integer(DataType from, String to) {
    Whole whole = whole(from);
    if (whole == null) {
      return null;
    }
    return switch (to) {
      case "int2" ->
          (row, ordinal, out) -> {
            long value = whole.of(row, ordinal);
            inside(value, Short.MIN_VALUE, Short.MAX_VALUE, "smallint");
            out.putInt(2);
            out.putShort((int) value);
          };
      case "int4" ->
          (row, ordinal, out) -> {
            long value = whole.of(row, ordinal);
            inside(value, Integer.MIN_VALUE, Integer.MAX_VALUE, "integer");
            out.putInt(4);
            out.putInt((int) value);
          };
      default ->
          (row, ordinal, out) -> {
            out.putInt(8);
            out.putLong(whole.of(row, ordinal));
          };
    };
  }

  private static void inside(long value, long least, long most, String type) {
    if (value < least || value > most) {
      throw new IllegalArgumentException("Cannot store " + value + " as " + type);
    }
  }

  private static @Nullable Whole whole(DataType from) {
    if (from instanceof LongType) {
      return SpecializedGetters::getLong;
    } else if (from instanceof IntegerType) {
      return SpecializedGetters::getInt;
    } else if (from instanceof ShortType) {
      return SpecializedGetters::getShort;
    }
    return from instanceof ByteType ? SpecializedGetters::getByte : null;
  }

  private static void real(SpecializedGetters row, int ordinal, Bytes out) {
    out.putInt(4);
    out.putInt(Float.floatToIntBits(row.getFloat(ordinal)));
  }

  private static @Nullable Field floating(DataType from) {
    if (from instanceof DoubleType) {
      return (row, ordinal, out) -> real(row.getDouble(ordinal), out);
    }
    return from instanceof FloatType
        ? (row, ordinal, out) -> real(row.getFloat(ordinal), out)
        : null;
  }

  private static void real(double value, Bytes out) {
    out.putInt(8);
    out.putLong(Double.doubleToLongBits(value));
  }

  private static @Nullable Field numeric(DataType from, int scale) {
    if (from instanceof DecimalType decimal && (scale < 0 || decimal.scale() <= scale)) {
      return (row, ordinal, out) ->
          numeric(row.getDecimal(ordinal, decimal.precision(), decimal.scale()), out);
    }
    Whole whole = whole(from);
    return whole == null
        ? null
        : (row, ordinal, out) -> numeric(BigInteger.valueOf(whole.of(row, ordinal)), 0, out);
  }

  private static void numeric(Decimal value, Bytes out) {
    numeric(value.toJavaBigDecimal().unscaledValue(), value.scale(), out);
  }

  /** Groups of four digits, the point between two groups; the last group comes first here. */
  private static void numeric(BigInteger unscaled, int scale, Bytes out) {
    int shown = Math.max(scale, 0);
    int pad = (4 - shown % 4) % 4;
    BigInteger rest = unscaled.abs().multiply(BigInteger.TEN.pow(pad + Math.max(-scale, 0)));
    short[] groups = new short[24];
    int count = 0;
    while (rest.signum() != 0) {
      if (rest.bitLength() < 64) {
        for (long small = rest.longValue(); small != 0; small /= 10_000) {
          groups[count++] = (short) (small % 10_000);
        }
        break;
      }
      BigInteger[] parts = rest.divideAndRemainder(GROUP);
      groups[count++] = parts[1].shortValue();
      rest = parts[0];
    }
    out.putInt(8 + 2 * count);
    out.putShort(count);
    out.putShort(count == 0 ? 0 : count - (shown + pad) / 4 - 1);
    out.putShort(unscaled.signum() < 0 ? 0x4000 : 0);
    out.putShort(shown);
    for (int at = count - 1; at >= 0; at--) {
      out.putShort(groups[at]);
    }
  }

  private static void text(SpecializedGetters row, int ordinal, Bytes out) {
    UTF8String text = row.getUTF8String(ordinal);
    out.putInt(text.numBytes());
    int from = out.size();
    out.put(text);
    if (out.hasZero(from)) {
      throw new IllegalArgumentException(
          "Cannot store a text with a NUL character. Remove it before, for example with replace");
    }
  }

  private static void binary(SpecializedGetters row, int ordinal, Bytes out) {
    byte[] bytes = row.getBinary(ordinal);
    out.putInt(bytes.length);
    out.put(bytes);
  }

  private static void uuid(SpecializedGetters row, int ordinal, Bytes out) {
    String text = row.getUTF8String(ordinal).toString();
    if (!UUID_TEXT.matcher(text).matches()) {
      throw new IllegalArgumentException("Cannot store " + text + " as uuid");
    }
    UUID id = UUID.fromString(text);
    out.putInt(16);
    out.putLong(id.getMostSignificantBits());
    out.putLong(id.getLeastSignificantBits());
  }

  private static void jsonb(SpecializedGetters row, int ordinal, Bytes out) {
    UTF8String text = row.getUTF8String(ordinal);
    out.putInt(1 + text.numBytes());
    out.putByte(1);
    out.put(text);
  }

  private static Field json(DataType from, String to) {
    JsonValue json = JsonValue.of("value", from, ZoneOffset.UTC);
    boolean versioned = to.equals("jsonb");
    return (row, ordinal, out) -> {
      int begin = out.size();
      out.putInt(0);
      if (versioned) {
        out.putByte(1);
      }
      json.write(row, ordinal, out);
      out.setInt(begin, out.size() - begin - 4);
    };
  }

  /** The greatest and the least value mean infinity to PostgreSQL. */
  private static void date(SpecializedGetters row, int ordinal, Bytes out) {
    long days = row.getInt(ordinal) - EPOCH_DAYS;
    inside(days, Integer.MIN_VALUE + 1L, Integer.MAX_VALUE - 1L, "date");
    out.putInt(4);
    out.putInt((int) days);
  }

  private static void timestamp(SpecializedGetters row, int ordinal, Bytes out) {
    long micros = row.getLong(ordinal);
    inside(micros, Long.MIN_VALUE + EPOCH_MICROS + 1, Long.MAX_VALUE, "timestamp");
    out.putInt(8);
    out.putLong(micros - EPOCH_MICROS);
  }

  private static Field array(int oid, Field element) {
    return (row, ordinal, out) -> {
      ArrayData values = row.getArray(ordinal);
      int count = values.numElements();
      int begin = out.size();
      out.putInt(0);
      out.putInt(count == 0 ? 0 : 1);
      out.putInt(1);
      out.putInt(oid);
      if (count > 0) {
        out.putInt(count);
        out.putInt(1);
      }
      for (int at = 0; at < count; at++) {
        if (values.isNullAt(at)) {
          out.putInt(-1);
        } else {
          element.write(values, at, out);
        }
      }
      out.setInt(begin, out.size() - begin - 4);
    };
  }

  /** Reads a whole number of any width. */
  @FunctionalInterface
  private interface Whole {
    long of(SpecializedGetters row, int ordinal);
  }
}
