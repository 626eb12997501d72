package io.millrace.sinks.jdbc;

import java.math.BigDecimal;
import java.sql.Date;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.jspecify.annotations.Nullable;

/** Values of a lookup between rows and a database. Keys are equal where Spark calls them equal. */
record LookupValues(Dialect dialect) {

  /**
   * Checks the type of a column that is taken.
   *
   * @throws IllegalArgumentException if it cannot be read from a database
   */
  static void require(StructField column) {
    if (!plain(column.dataType())
        && !(column.dataType() instanceof DoubleType)
        && !(column.dataType() instanceof FloatType)
        && !(column.dataType() instanceof BinaryType)
        && !(column.dataType() instanceof TimestampNTZType)) {
      throw new IllegalArgumentException(
          "Cannot read the column %s as %s from a database. Cast it in a query, for example to text, and take it as string"
              .formatted(column.name(), column.dataType().sql()));
    }
  }

  /** The same for a column by which rows are found. */
  static void requireKey(StructField column) {
    if (!plain(column.dataType())) {
      throw new IllegalArgumentException(
          "Cannot look up by the column %s of type %s. Cast it in a step above, for example to string"
              .formatted(column.name(), column.dataType().sql()));
    }
  }

  private static boolean plain(DataType type) {
    return type instanceof StringType
        || type instanceof BooleanType
        || whole(type)
        || type instanceof DecimalType
        || type instanceof DateType
        || type instanceof TimestampType;
  }

  private static boolean whole(DataType type) {
    return type instanceof ByteType
        || type instanceof ShortType
        || type instanceof IntegerType
        || type instanceof LongType;
  }

  /** A value of a row, as it is compared. */
  static Object key(Object value) {
    if (value instanceof BigDecimal decimal) {
      return decimal.stripTrailingZeros();
    }
    if (value instanceof Date date) {
      return date.toLocalDate();
    }
    if (value instanceof Timestamp time) {
      return time.toInstant();
    }
    return value instanceof Byte || value instanceof Short || value instanceof Integer
        ? ((Number) value).longValue()
        : value;
  }

  /** The same of a row of the database; null is no key. */
  @Nullable Object key(ResultSet row, int column, DataType type) throws SQLException {
    Object value = value(row, column, whole(type) ? DataTypes.LongType : type);
    return value == null ? null : key(value);
  }

  void bind(PreparedStatement statement, int at, Object key) throws SQLException {
    if (key instanceof Instant time) {
      statement.setObject(at, dialect.time(time));
    } else if (key instanceof LocalDate date) {
      statement.setObject(at, date);
    } else if (key instanceof String text) {
      statement.setString(at, text);
    } else if (key instanceof Long number) {
      statement.setLong(at, number);
    } else if (key instanceof Boolean truth) {
      statement.setBoolean(at, truth);
    } else {
      statement.setBigDecimal(at, (BigDecimal) key);
    }
  }

  /** A value as Spark takes it. */
  @Nullable Object value(ResultSet row, int column, DataType type) throws SQLException {
    Object value = read(row, column, type);
    return row.wasNull() ? null : value;
  }

  private @Nullable Object read(ResultSet row, int column, DataType type) throws SQLException {
    if (type instanceof StringType) {
      return row.getString(column);
    }
    if (type instanceof LongType) {
      return row.getLong(column);
    }
    if (type instanceof IntegerType) {
      return row.getInt(column);
    }
    if (type instanceof ShortType) {
      return row.getShort(column);
    }
    if (type instanceof ByteType) {
      return row.getByte(column);
    }
    if (type instanceof BooleanType) {
      return row.getBoolean(column);
    }
    if (type instanceof DoubleType) {
      return row.getDouble(column);
    }
    if (type instanceof FloatType) {
      return row.getFloat(column);
    }
    if (type instanceof DecimalType) {
      return row.getBigDecimal(column);
    }
    if (type instanceof DateType) {
      return row.getObject(column, LocalDate.class);
    }
    if (type instanceof TimestampType) {
      return dialect.time(row, column).orElse(null);
    }
    return type instanceof TimestampNTZType
        ? row.getObject(column, LocalDateTime.class)
        : row.getBytes(column);
  }
}
