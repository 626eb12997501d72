package io.millrace.sinks.encode;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.MapData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.sql.types.UserDefinedType;
import org.apache.spark.unsafe.types.UTF8String;

/** How a value of one type stands in Avro's binary encoding of one schema. */
@FunctionalInterface
interface AvroValue {
  /**
   * Adds a value.
   *
   * @throws UnfitValue if it has no place there
   */
  void write(SpecializedGetters row, int ordinal, Bytes out);

  /**
   * The form of a type, nulls too.
   *
   * @param name of the column, for the error
   * @throws IllegalArgumentException with a sentence, if the schema is of another type
   */
  static AvroValue of(String name, DataType type, Schema schema) {
    if (schema.getType() != Schema.Type.UNION) {
      AvroValue value = present(name, type, schema);
      return (row, at, out) -> {
        if (row.isNullAt(at)) {
          throw new UnfitValue(
              "Missing value of %s, which may not be null in the Avro schema".formatted(name));
        }
        value.write(row, at, out);
      };
    }
    List<Schema> branches = schema.getTypes();
    int none = schema.getIndexNamed("null") == null ? -1 : schema.getIndexNamed("null");
    if (branches.size() != 2 || none < 0) {
      throw new IllegalArgumentException(
          "Cannot write column %s as the Avro union %s: this is not supported yet. Use a type, or a union of null and a type"
              .formatted(name, schema));
    }
    AvroValue value = present(name, type, branches.get(1 - none));
    return (row, at, out) -> {
      if (row.isNullAt(at)) {
        out.putZigzag(none);
      } else {
        out.putZigzag(1 - none);
        value.write(row, at, out);
      }
    };
  }

  private static AvroValue present(String name, DataType type, Schema schema) {
    if (type instanceof UserDefinedType<?> user) {
      return present(name, user.sqlType(), schema);
    }
    return switch (schema.getType()) {
      case RECORD ->
          type instanceof StructType struct ? record(name, struct, schema) : no(name, type, schema);
      case ARRAY ->
          type instanceof ArrayType array ? array(name, array, schema) : no(name, type, schema);
      case MAP ->
          type instanceof MapType map && map.keyType() instanceof StringType
              ? map(name, map, schema)
              : no(name, type, schema);
      case STRING ->
          type instanceof StringType
              ? (row, at, out) -> text(row.getUTF8String(at), out)
              : no(name, type, schema);
      case ENUM -> type instanceof StringType ? symbol(name, schema) : no(name, type, schema);
      case BYTES, FIXED -> bytes(name, type, schema);
      case INT -> whole(name, type, schema);
      case LONG -> wide(name, type, schema);
      case FLOAT ->
          type instanceof FloatType
              ? (row, at, out) -> out.putLittleInt(Float.floatToIntBits(row.getFloat(at)))
              : no(name, type, schema);
      case DOUBLE -> real(name, type, schema);
      case BOOLEAN ->
          type instanceof BooleanType
              ? (row, at, out) -> out.putByte(row.getBoolean(at) ? 1 : 0)
              : no(name, type, schema);
      case UNION, NULL -> no(name, type, schema);
    };
  }

  private static AvroValue no(String name, DataType type, Schema schema) {
    String what =
        schema.getLogicalType() == null
            ? schema.getType().getName()
            : schema.getType().getName() + " of " + schema.getLogicalType().getName();
    throw new IllegalArgumentException(
        "Cannot write column %s of type %s as %s of the Avro schema. Cast it in a sql step, or change the schema"
            .formatted(name, type.sql(), what));
  }

  private static AvroValue record(String name, StructType struct, Schema schema) {
    AvroRecord record = new AvroRecord(name + ".", struct, schema);
    return (row, at, out) -> record.write(row.getStruct(at, struct.length()), out);
  }

  private static AvroValue array(String name, ArrayType type, Schema schema) {
    AvroValue element = of(name + ".element", type.elementType(), schema.getElementType());
    return (row, at, out) -> {
      ArrayData values = row.getArray(at);
      int count = values.numElements();
      if (count > 0) {
        out.putZigzag(count);
        for (int next = 0; next < count; next++) {
          element.write(values, next, out);
        }
      }
      out.putZigzag(0);
    };
  }

  private static AvroValue map(String name, MapType type, Schema schema) {
    AvroValue value = of(name + ".value", type.valueType(), schema.getValueType());
    return (row, at, out) -> {
      MapData entries = row.getMap(at);
      ArrayData keys = entries.keyArray();
      ArrayData values = entries.valueArray();
      int count = entries.numElements();
      if (count > 0) {
        out.putZigzag(count);
        for (int next = 0; next < count; next++) {
          text(keys.getUTF8String(next), out);
          value.write(values, next, out);
        }
      }
      out.putZigzag(0);
    };
  }

  private static void text(UTF8String text, Bytes out) {
    out.putZigzag(text.numBytes());
    out.put(text);
  }

  private static AvroValue symbol(String name, Schema schema) {
    Map<UTF8String, Integer> symbols = new HashMap<>();
    schema
        .getEnumSymbols()
        .forEach(each -> symbols.put(UTF8String.fromString(each), symbols.size()));
    return (row, at, out) -> {
      UTF8String text = row.getUTF8String(at);
      Integer symbol = symbols.get(text);
      if (symbol == null) {
        throw new UnfitValue(
            "Expected one of %s for %s, found \"%s\""
                .formatted(String.join(", ", schema.getEnumSymbols()), name, text));
      }
      out.putZigzag(symbol);
    };
  }

  private static AvroValue bytes(String name, DataType type, Schema schema) {
    LogicalType logical = schema.getLogicalType();
    boolean fixed = schema.getType() == Schema.Type.FIXED;
    if (type instanceof DecimalType decimal
        && logical instanceof LogicalTypes.Decimal wanted
        && wanted.getScale() == decimal.scale()
        && wanted.getPrecision() >= decimal.precision()) {
      return decimal(decimal, fixed ? schema.getFixedSize() : 0);
    }
    if (!(type instanceof BinaryType) || logical != null) {
      return no(name, type, schema);
    }
    if (!fixed) {
      return (row, at, out) -> {
        byte[] value = row.getBinary(at);
        out.putZigzag(value.length);
        out.put(value);
      };
    }
    return (row, at, out) -> {
      byte[] value = row.getBinary(at);
      if (value.length != schema.getFixedSize()) {
        throw new UnfitValue(
            "Expected %d bytes for %s, found %d"
                .formatted(schema.getFixedSize(), name, value.length));
      }
      out.put(value);
    };
  }

  /**
   * A decimal as the bytes of its digits.
   *
   * @param size how many bytes, 0 for as many as it takes
   */
  private static AvroValue decimal(DecimalType type, int size) {
    return (row, at, out) -> {
      BigInteger digits =
          row.getDecimal(at, type.precision(), type.scale()).toJavaBigDecimal().unscaledValue();
      byte[] value = digits.toByteArray();
      if (size == 0) {
        out.putZigzag(value.length);
        out.put(value);
        return;
      }
      byte[] filled = new byte[size];
      Arrays.fill(filled, (byte) (digits.signum() < 0 ? -1 : 0));
      System.arraycopy(value, 0, filled, size - value.length, value.length);
      out.put(filled);
    };
  }

  private static AvroValue whole(String name, DataType type, Schema schema) {
    LogicalType logical = schema.getLogicalType();
    if (logical == null
        ? type instanceof IntegerType
        : logical instanceof LogicalTypes.Date && type instanceof DateType) {
      return (row, at, out) -> out.putZigzag(row.getInt(at));
    }
    if (logical == null && type instanceof ShortType) {
      return (row, at, out) -> out.putZigzag(row.getShort(at));
    }
    return logical == null && type instanceof ByteType
        ? (row, at, out) -> out.putZigzag(row.getByte(at))
        : no(name, type, schema);
  }

  private static AvroValue wide(String name, DataType type, Schema schema) {
    LogicalType logical = schema.getLogicalType();
    if (logical == null) {
      if (type instanceof LongType) {
        return (row, at, out) -> out.putZigzag(row.getLong(at));
      }
      return whole(name, type, schema);
    }
    boolean instant = type instanceof TimestampType;
    boolean local = type instanceof TimestampNTZType;
    if ((instant && logical instanceof LogicalTypes.TimestampMicros)
        || (local && logical instanceof LogicalTypes.LocalTimestampMicros)) {
      return (row, at, out) -> out.putZigzag(row.getLong(at));
    }
    if ((instant && logical instanceof LogicalTypes.TimestampMillis)
        || (local && logical instanceof LogicalTypes.LocalTimestampMillis)) {
      return (row, at, out) -> out.putZigzag(Math.floorDiv(row.getLong(at), 1000));
    }
    return no(name, type, schema);
  }

  private static AvroValue real(String name, DataType type, Schema schema) {
    if (type instanceof DoubleType) {
      return (row, at, out) -> out.putLittleLong(Double.doubleToLongBits(row.getDouble(at)));
    }
    return type instanceof FloatType
        ? (row, at, out) -> out.putLittleLong(Double.doubleToLongBits(row.getFloat(at)))
        : no(name, type, schema);
  }
}
