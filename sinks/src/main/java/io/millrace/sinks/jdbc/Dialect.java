package io.millrace.sinks.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
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

/** What differs between the databases. */
enum Dialect {
  POSTGRESQL,
  H2,
  SQLITE;

  static Dialect of(String url) {
    if (url.startsWith("jdbc:postgresql:")) {
      return POSTGRESQL;
    }
    return url.startsWith("jdbc:h2:") ? H2 : SQLITE;
  }

  /** A time as a parameter of a statement; SQLite has none, and keeps it as text. */
  Object time(Instant time) {
    OffsetDateTime utc = time.atOffset(ZoneOffset.UTC);
    return this == SQLITE ? utc.toString() : utc;
  }

  /** A time that {@link #time(Instant)} wrote; empty for NULL. */
  Optional<Instant> time(ResultSet row, int column) throws SQLException {
    Optional<OffsetDateTime> time =
        this == SQLITE
            ? Optional.ofNullable(row.getString(column)).map(OffsetDateTime::parse)
            : Optional.ofNullable(row.getObject(column, OffsetDateTime.class));
    return time.map(OffsetDateTime::toInstant);
  }

  /** The type of a new column. */
  String type(String column, DataType type) {
    if (type instanceof ArrayType array && this == POSTGRESQL && !nested(array.elementType())) {
      return type(column, array.elementType()) + "[]";
    }
    if (nested(type)) {
      return this == POSTGRESQL ? "jsonb" : text();
    }
    if (type instanceof DecimalType decimal) {
      return this == SQLITE
          ? "text"
          : "numeric(%d, %d)".formatted(decimal.precision(), decimal.scale());
    }
    if (this == SQLITE) {
      return sqlite(column, type);
    }
    if (type instanceof BooleanType) {
      return "boolean";
    } else if (type instanceof ByteType) {
      return this == H2 ? "tinyint" : "smallint";
    } else if (type instanceof ShortType) {
      return "smallint";
    } else if (type instanceof IntegerType) {
      return "integer";
    } else if (type instanceof LongType) {
      return "bigint";
    } else if (type instanceof FloatType) {
      return "real";
    } else if (type instanceof DoubleType) {
      return "double precision";
    } else if (type instanceof StringType) {
      return text();
    } else if (type instanceof BinaryType) {
      return this == H2 ? "varbinary" : "bytea";
    } else if (type instanceof DateType) {
      return "date";
    } else if (type instanceof TimestampType) {
      return "timestamp(6) with time zone";
    } else if (type instanceof TimestampNTZType) {
      return "timestamp(6)";
    }
    throw unsupported(column, type);
  }

  private String sqlite(String column, DataType type) {
    if (type instanceof BooleanType
        || type instanceof ByteType
        || type instanceof ShortType
        || type instanceof IntegerType
        || type instanceof LongType) {
      return "integer";
    } else if (type instanceof FloatType || type instanceof DoubleType) {
      return "real";
    } else if (type instanceof BinaryType) {
      return "blob";
    } else if (type instanceof StringType
        || type instanceof DateType
        || type instanceof TimestampType
        || type instanceof TimestampNTZType) {
      return "text";
    }
    throw unsupported(column, type);
  }

  /** The type of a text of any length. */
  String text() {
    return this == H2 ? "varchar" : "text";
  }

  static boolean nested(DataType type) {
    return type instanceof StructType || type instanceof MapType || type instanceof ArrayType;
  }

  static IllegalArgumentException unsupported(String column, DataType type) {
    return new IllegalArgumentException(
        "Cannot write the column %s of type %s to a database. Cast it before, for example to string"
            .formatted(column, type.sql()));
  }

  /** A statement with one parameter per column. */
  String insert(Target target) {
    String columns = names(target.names());
    String marks = target.names().stream().map(name -> "?").collect(Collectors.joining(", "));
    String insert =
        "insert into " + target.table().sql() + " (" + columns + ") values (" + marks + ")";
    if (target.keys().isEmpty()) {
      return insert;
    }
    return this == H2
        ? "merge into %s (%s) key (%s) values (%s)"
            .formatted(target.table().sql(), columns, names(target.keys()), marks)
        : insert + conflict(target);
  }

  /** What happens to a row whose key is there, whichever is newer. */
  static String conflict(Target target) {
    String changes =
        target.names().stream()
            .filter(name -> !target.keys().contains(name))
            .map(name -> TableName.quoted(name) + " = excluded." + TableName.quoted(name))
            .collect(Collectors.joining(", "));
    return " on conflict (%s) do ".formatted(names(target.keys()))
        + (changes.isEmpty() || target.changes().keeps() ? "nothing" : "update set " + changes);
  }

  static String names(List<String> names) {
    return names.stream().map(TableName::quoted).collect(Collectors.joining(", "));
  }
}
