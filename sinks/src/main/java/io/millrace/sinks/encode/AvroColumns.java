package io.millrace.sinks.encode;

import java.util.ArrayList;
import java.util.List;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
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
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.sql.types.UserDefinedType;

/**
 * The Avro schema of columns. One that may be null is a union with null first and null as its
 * default, so that a column more is a change that readers of before and after can follow.
 */
public final class AvroColumns {
  private AvroColumns() {}

  /**
   * The schema of a record with these columns.
   *
   * @param name of the record, with its namespace if it has one
   * @throws IllegalArgumentException with a sentence, for a name or a type that Avro has not
   */
  public static Schema record(String name, StructType columns) {
    return record(name, "", columns);
  }

  private static Schema record(String name, String path, StructType columns) {
    List<Schema.Field> fields = new ArrayList<>();
    for (StructField column : columns.fields()) {
      String full = path + column.name();
      Schema type = type(name + "_" + column.name(), full, column.dataType());
      try {
        fields.add(
            column.nullable()
                ? new Schema.Field(
                    column.name(), nullable(type), null, Schema.Field.NULL_DEFAULT_VALUE)
                : new Schema.Field(column.name(), type));
      } catch (AvroRuntimeException e) {
        throw new IllegalArgumentException(
            "Cannot name a field of Avro %s: %s. Rename the column in a sql step"
                .formatted(full, e.getMessage()),
            e);
      }
    }
    try {
      return Schema.createRecord(name, null, null, false, fields);
    } catch (AvroRuntimeException e) {
      throw new IllegalArgumentException(
          "Cannot name a record of Avro %s: %s. Name it with record"
              .formatted(name, e.getMessage()),
          e);
    }
  }

  private static Schema nullable(Schema type) {
    return Schema.createUnion(Schema.create(Schema.Type.NULL), type);
  }

  private static Schema orNull(Schema type, boolean nullable) {
    return nullable ? nullable(type) : type;
  }

  private static Schema type(String name, String path, DataType type) {
    if (type instanceof StructType struct) {
      return record(name, path + ".", struct);
    } else if (type instanceof ArrayType array) {
      String element = path + ".element";
      return Schema.createArray(
          orNull(type(name, element, array.elementType()), array.containsNull()));
    } else if (type instanceof MapType map) {
      if (!(map.keyType() instanceof StringType)) {
        throw cannot(path, type, "A map of Avro has string keys: build it with such in a sql step");
      }
      return Schema.createMap(
          orNull(type(name, path + ".value", map.valueType()), map.valueContainsNull()));
    } else if (type instanceof UserDefinedType<?> user) {
      return type(name, path, user.sqlType());
    } else if (type instanceof DecimalType decimal) {
      return LogicalTypes.decimal(decimal.precision(), decimal.scale())
          .addToSchema(Schema.create(Schema.Type.BYTES));
    } else if (type instanceof TimestampType) {
      return LogicalTypes.timestampMicros().addToSchema(Schema.create(Schema.Type.LONG));
    } else if (type instanceof TimestampNTZType) {
      return LogicalTypes.localTimestampMicros().addToSchema(Schema.create(Schema.Type.LONG));
    } else if (type instanceof DateType) {
      return LogicalTypes.date().addToSchema(Schema.create(Schema.Type.INT));
    }
    return Schema.create(plain(path, type));
  }

  private static Schema.Type plain(String path, DataType type) {
    if (type instanceof StringType) {
      return Schema.Type.STRING;
    } else if (type instanceof LongType) {
      return Schema.Type.LONG;
    } else if (type instanceof IntegerType
        || type instanceof ShortType
        || type instanceof ByteType) {
      return Schema.Type.INT;
    } else if (type instanceof DoubleType) {
      return Schema.Type.DOUBLE;
    } else if (type instanceof FloatType) {
      return Schema.Type.FLOAT;
    } else if (type instanceof BooleanType) {
      return Schema.Type.BOOLEAN;
    } else if (type instanceof BinaryType) {
      return Schema.Type.BYTES;
    }
    throw cannot(path, type, "Cast it to string in a sql step");
  }

  private static IllegalArgumentException cannot(String path, DataType type, String works) {
    return new IllegalArgumentException(
        "Cannot write column %s of type %s as Avro. %s".formatted(path, type.sql(), works));
  }
}
