package io.millrace.sinks.jdbc;

import io.millrace.sinks.encode.Bytes;
import io.millrace.sinks.encode.Condition;
import io.millrace.sinks.encode.JsonValue;
import io.millrace.sinks.jdbc.Target.TargetColumn;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.catalyst.InternalRow;
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
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.jspecify.annotations.Nullable;

/**
 * Spark's own rows as parameters of a statement, for all databases but PostgreSQL. Not for two
 * threads.
 */
final class PlainValues {
  private static final Set<String> WHOLE =
      Set.of("TINYINT", "SMALLINT", "MEDIUMINT", "INT", "INTEGER", "BIGINT");
  private static final Set<String> EXACT = Set.of("NUMERIC", "DECIMAL", "DECFLOAT");
  private static final Set<String> TEXT =
      Set.of(
          "CHARACTER VARYING",
          "VARCHAR",
          "CHARACTER",
          "CHARACTER LARGE OBJECT",
          "UUID",
          "ENUM",
          "CHAR",
          "TINYTEXT",
          "TEXT",
          "MEDIUMTEXT",
          "LONGTEXT",
          "JSON");

  private final List<TargetColumn> columns;
  private final Value[] values;
  private final boolean keeps;
  private final boolean keyed;
  private final Optional<Condition> marker;

  /**
   * The values of a table's columns.
   *
   * @param keeps whether rows may be looked at again
   */
  PlainValues(Dialect dialect, Target target, StructType rows, boolean keeps) {
    this.columns = target.columns();
    this.keeps = keeps;
    this.keyed = !target.keys().isEmpty();
    this.marker =
        target.changes().deleteWhen().map(text -> Condition.of("delete-when", text, rows));
    this.values =
        columns.stream()
            .map(column -> value(dialect, column, rows.fields()[column.ordinal()].dataType()))
            .toArray(Value[]::new);
  }

  /** Whether a column can take a type; SQLite's take all that it can write. */
  static boolean fits(Dialect dialect, DataType from, String to, int scale) {
    if (dialect == Dialect.SQLITE) {
      return true;
    }
    String type = to.toUpperCase(Locale.ROOT);
    if (from instanceof BooleanType) {
      return type.equals("BOOLEAN") || (dialect == Dialect.MARIADB && type.equals("TINYINT"));
    } else if (from instanceof ByteType
        || from instanceof ShortType
        || from instanceof IntegerType
        || from instanceof LongType) {
      return WHOLE.contains(type) || EXACT.contains(type);
    } else if (from instanceof FloatType) {
      return type.equals("REAL") || type.equals("FLOAT") || type.startsWith("DOUBLE");
    } else if (from instanceof DoubleType) {
      return type.startsWith("DOUBLE");
    } else if (from instanceof DecimalType decimal) {
      return EXACT.contains(type) && decimal.scale() <= scale;
    } else if (from instanceof BinaryType) {
      return type.startsWith("BINARY") || type.equals("VARBINARY") || type.endsWith("BLOB");
    } else if (from instanceof DateType) {
      return type.equals("DATE");
    } else if (from instanceof TimestampType) {
      return type.startsWith("TIMESTAMP") || type.equals("DATETIME");
    } else if (from instanceof TimestampNTZType) {
      return type.equals("TIMESTAMP") || type.equals("DATETIME");
    }
    return (from instanceof StringType || Dialect.nested(from)) && TEXT.contains(type);
  }

  /**
   * The parameters for one row.
   *
   * @param row as it came, where rows may be looked at again
   * @param number its place in the task
   */
  // The values are handed on, never compared.
  @SuppressWarnings("ArrayRecordComponent")
  record Values(@Nullable Object[] parameters, @Nullable InternalRow row, long number) {}

  /**
   * The values of a row; where rows have keys, its number and whether it deletes behind them.
   *
   * @param number grows with each row of a task
   */
  Values of(InternalRow row, long number) {
    @Nullable Object[] all = new @Nullable Object[values.length + (keyed ? 2 : 0)];
    for (int at = 0; at < values.length; at++) {
      int ordinal = columns.get(at).ordinal();
      all[at] = row.isNullAt(ordinal) ? null : values[at].of(row, ordinal);
    }
    if (keyed) {
      all[values.length] = number;
      all[values.length + 1] = marker.isPresent() && marker.get().holds(row) ? 1L : 0L;
    }
    return new Values(all, keeps ? row.copy() : null, number);
  }

  /** Gives rows to a statement, all at once. */
  static void insert(Connection connection, String insert, List<Values> chunk) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(insert)) {
      for (Values row : chunk) {
        @Nullable Object[] values = row.parameters();
        for (int at = 0; at < values.length; at++) {
          statement.setObject(at + 1, values[at]);
        }
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  private static Value json(DataType type) {
    JsonValue json = JsonValue.of("value", type, ZoneOffset.UTC);
    Bytes text = new Bytes(256);
    return (row, at) -> {
      text.clear();
      json.write(row, at, text);
      return new String(text.array(), 0, text.size(), StandardCharsets.UTF_8);
    };
  }

  private static Value value(Dialect dialect, TargetColumn column, DataType type) {
    boolean words = dialect == Dialect.SQLITE;
    if (Dialect.nested(type)) {
      return json(type);
    } else if (type instanceof DateType) {
      return (row, at) -> plain(words, LocalDate.ofEpochDay(row.getInt(at)));
    } else if (type instanceof TimestampType
        && column.declared().toUpperCase(Locale.ROOT).contains("ZONE")) {
      return (row, at) -> plain(words, time(row.getLong(at)).atOffset(ZoneOffset.UTC));
    } else if (type instanceof TimestampType && words) {
      return (row, at) -> time(row.getLong(at)) + "Z";
    } else if (type instanceof TimestampType || type instanceof TimestampNTZType) {
      return (row, at) -> plain(words, time(row.getLong(at)));
    } else if (type instanceof DecimalType decimal) {
      return (row, at) ->
          plain(words, row.getDecimal(at, decimal.precision(), decimal.scale()).toJavaBigDecimal());
    } else if (type instanceof StringType) {
      return (row, at) -> row.getUTF8String(at).toString();
    } else if (type instanceof BinaryType) {
      return (row, at) -> row.getBinary(at).clone();
    } else if (type instanceof BooleanType) {
      return InternalRow::getBoolean;
    } else if (type instanceof ByteType) {
      return InternalRow::getByte;
    } else if (type instanceof ShortType) {
      return InternalRow::getShort;
    } else if (type instanceof IntegerType) {
      return InternalRow::getInt;
    } else if (type instanceof LongType) {
      return InternalRow::getLong;
    } else if (type instanceof FloatType) {
      return (row, at) -> known(dialect, column, row.getFloat(at));
    } else if (type instanceof DoubleType) {
      return (row, at) -> known(dialect, column, row.getDouble(at));
    }
    throw Dialect.unsupported(column.name(), type);
  }

  /** MariaDB has no number for what is none, or endless; SQLite takes NaN and keeps NULL. */
  private static Number known(Dialect dialect, TargetColumn column, Number value) {
    double number = value.doubleValue();
    boolean lost =
        switch (dialect) {
          case MARIADB -> !Double.isFinite(number);
          case SQLITE -> Double.isNaN(number);
          case POSTGRESQL, H2 -> false;
        };
    if (lost) {
      throw new IllegalArgumentException(
          "Cannot write the column %s: Cannot store %s in %s. Replace it before, for example by NULL"
              .formatted(column.name(), value, dialect == Dialect.MARIADB ? "MariaDB" : "SQLite"));
    }
    return value;
  }

  private static Object plain(boolean words, Object value) {
    if (!words) {
      return value;
    }
    return value instanceof BigDecimal number ? number.toPlainString() : value.toString();
  }

  private static LocalDateTime time(long micros) {
    return LocalDateTime.ofInstant(Instant.EPOCH.plus(micros, ChronoUnit.MICROS), ZoneOffset.UTC);
  }

  /** Reads a value that is not null. */
  @FunctionalInterface
  private interface Value {
    Object of(InternalRow row, int ordinal);
  }
}
