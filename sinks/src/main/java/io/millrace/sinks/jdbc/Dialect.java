package io.millrace.sinks.jdbc;

import io.millrace.sinks.pool.Vendor;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;

/** What differs between the databases. */
// Its maps and lists cannot be changed.
@SuppressWarnings("ImmutableEnumChecker")
enum Dialect {
  POSTGRESQL(
      Map.ofEntries(
          Map.entry("boolean", "boolean"),
          Map.entry("byte", "smallint"),
          Map.entry("short", "smallint"),
          Map.entry("integer", "integer"),
          Map.entry("long", "bigint"),
          Map.entry("float", "real"),
          Map.entry("double", "double precision"),
          Map.entry("decimal", "numeric(%d, %d)"),
          Map.entry("string", "text"),
          Map.entry("binary", "bytea"),
          Map.entry("date", "date"),
          Map.entry("timestamp", "timestamp(6) with time zone"),
          Map.entry("timestamp_ntz", "timestamp(6)"),
          Map.entry("nested", "jsonb")),
      new Own("varchar(500)", "text", "bytea", "timestamp with time zone", "", " for update"),
      List.of("set local lock_timeout = {lock}; set local statement_timeout = {run}")),
  H2(
      Map.ofEntries(
          Map.entry("boolean", "boolean"),
          Map.entry("byte", "tinyint"),
          Map.entry("short", "smallint"),
          Map.entry("integer", "integer"),
          Map.entry("long", "bigint"),
          Map.entry("float", "real"),
          Map.entry("double", "double precision"),
          Map.entry("decimal", "numeric(%d, %d)"),
          Map.entry("string", "varchar"),
          Map.entry("binary", "varbinary"),
          Map.entry("date", "date"),
          Map.entry("timestamp", "timestamp(6) with time zone"),
          Map.entry("timestamp_ntz", "timestamp(6)"),
          Map.entry("nested", "varchar")),
      new Own(
          "varchar(500)", "varchar", "varbinary", "timestamp with time zone", "", " for update"),
      List.of("set lock_timeout {lock}", "set query_timeout {run}")),
  SQLITE(
      Map.ofEntries(
          Map.entry("boolean", "integer"),
          Map.entry("byte", "integer"),
          Map.entry("short", "integer"),
          Map.entry("integer", "integer"),
          Map.entry("long", "integer"),
          Map.entry("float", "real"),
          Map.entry("double", "real"),
          Map.entry("decimal", "text"),
          Map.entry("string", "text"),
          Map.entry("binary", "blob"),
          Map.entry("date", "text"),
          Map.entry("timestamp", "text"),
          Map.entry("timestamp_ntz", "text"),
          Map.entry("nested", "text")),
      new Own("varchar(500)", "text", "blob", "timestamp with time zone", "", ""),
      List.of("pragma busy_timeout = {lock}")),
  /**
   * Names and keys in it are as they are, in all their letters: no two of them are taken for one.
   */
  MARIADB(
      Map.ofEntries(
          Map.entry("boolean", "boolean"),
          Map.entry("byte", "tinyint"),
          Map.entry("short", "smallint"),
          Map.entry("integer", "integer"),
          Map.entry("long", "bigint"),
          Map.entry("float", "float"),
          Map.entry("double", "double"),
          Map.entry("decimal", "decimal(%d, %d)"),
          Map.entry("string", "longtext"),
          Map.entry("string key", "varchar(255)"),
          Map.entry("binary", "longblob"),
          Map.entry("binary key", "varbinary(255)"),
          Map.entry("date", "date"),
          Map.entry("timestamp", "datetime(6)"),
          Map.entry("timestamp_ntz", "datetime(6)"),
          Map.entry("nested", "json")),
      new Own(
          "varchar(300)",
          "longtext",
          "longblob",
          "datetime(6)",
          " engine=InnoDB default character set utf8mb4 collate utf8mb4_nopad_bin",
          " for update"),
      List.of(
          "set innodb_lock_wait_timeout = {lock seconds}, lock_wait_timeout = {lock seconds},"
              + " max_statement_time = {run seconds}"));

  private final Map<String, String> types;
  private final Own own;
  private final List<String> limits;

  Dialect(Map<String, String> types, Own own, List<String> limits) {
    this.types = types;
    this.own = own;
    this.limits = limits;
  }

  /**
   * How tables beside the sink's are made and read.
   *
   * @param name the type of names
   * @param text the type of texts of any length
   * @param bytes the type of bytes of any length
   * @param time the type of times
   * @param end what follows the columns of a table that is created
   * @param lock what follows a query so that its rows stay as they are until the transaction ends
   */
  record Own(String name, String text, String bytes, String time, String end, String lock) {}

  static Dialect of(String url) {
    return valueOf(Vendor.of(url).name());
  }

  Own own() {
    return own;
  }

  /**
   * The statements that limit how long others wait for locks and run, in milliseconds; a run of 0
   * is not limited.
   */
  List<String> limits(long lock, long run) {
    return limits.stream()
        .map(
            text ->
                text.replace("{lock}", Long.toString(lock))
                    .replace("{lock seconds}", Long.toString(Math.max(1, (lock + 999) / 1000)))
                    .replace("{run}", Long.toString(run))
                    .replace("{run seconds}", Double.toString(run / 1000.0)))
        .toList();
  }

  /** A time as a parameter of a statement; SQLite has none, and keeps it as text. */
  Object time(Instant time) {
    OffsetDateTime utc = time.atOffset(ZoneOffset.UTC);
    return switch (this) {
      case POSTGRESQL, H2 -> utc;
      case SQLITE -> utc.toString();
      case MARIADB -> utc.toLocalDateTime();
    };
  }

  /** A time that {@link #time(Instant)} wrote; empty for NULL. */
  Optional<Instant> time(ResultSet row, int column) throws SQLException {
    Optional<OffsetDateTime> time =
        switch (this) {
          case POSTGRESQL, H2 -> Optional.ofNullable(row.getObject(column, OffsetDateTime.class));
          case SQLITE -> Optional.ofNullable(row.getString(column)).map(OffsetDateTime::parse);
          case MARIADB ->
              Optional.ofNullable(row.getObject(column, LocalDateTime.class))
                  .map(utc -> utc.atOffset(ZoneOffset.UTC));
        };
    return time.map(OffsetDateTime::toInstant);
  }

  /** The type of a new column. */
  String type(String column, DataType type) {
    if (type instanceof ArrayType array && this == POSTGRESQL && !nested(array.elementType())) {
      return type(column, array.elementType()) + "[]";
    }
    if (type instanceof DecimalType decimal) {
      return known(column, type, "decimal").formatted(decimal.precision(), decimal.scale());
    }
    if (type instanceof StringType) {
      return known(column, type, "string");
    }
    return known(column, type, nested(type) ? "nested" : type.typeName());
  }

  /** The type of a new column that rows are found by. */
  String keyType(String column, DataType type) {
    String kind = type instanceof StringType ? "string" : type.typeName();
    return Optional.ofNullable(types.get(kind + " key")).orElseGet(() -> type(column, type));
  }

  private String known(String column, DataType type, String kind) {
    return Optional.ofNullable(types.get(kind)).orElseThrow(() -> unsupported(column, type));
  }

  static boolean nested(DataType type) {
    return type instanceof StructType || type instanceof MapType || type instanceof ArrayType;
  }

  static IllegalArgumentException unsupported(String column, DataType type) {
    return new IllegalArgumentException(
        "Cannot write the column %s of type %s to a database. Cast it before, for example to string"
            .formatted(column, type.sql()));
  }

  /** The statement that adds a row, with one parameter per column. */
  static String insert(Target target) {
    return insert(target.table().sql(), target.names());
  }

  /** The same for any table. */
  static String insert(String table, List<String> names) {
    String marks = names.stream().map(name -> "?").collect(Collectors.joining(", "));
    return "insert into " + table + " (" + names(names) + ") values (" + marks + ")";
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
