package io.millrace.engine.decode;

import io.millrace.engine.registry.RecordSchema;
import io.millrace.engine.spi.Ddl;
import io.millrace.engine.spi.TextFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.spark.sql.avro.SchemaConverters;
import org.apache.spark.sql.types.StructType;

/** Fields from a text or from a file. */
final class Schemas {
  static final String TEXT = "schema";
  static final String FILE = "schema-file";

  /** The meaning of a setting that all decoders of records have. */
  static final String TOMBSTONES =
      "What becomes of a record without a value, by which a compacted topic says that its key is"
          + " gone: dead-letter, drop counts it as dropped, keep gives a row whose columns are all"
          + " null, those that are not null else as well.";

  private Schemas() {}

  static void requireOne(Optional<String> text, Optional<String> file) {
    if (text.isPresent() == file.isPresent()) {
      throw new IllegalArgumentException(
          (text.isPresent() ? "Cannot take both schema and schema-file" : "Missing schema")
              + ". Write the fields, or name a file with schema-file");
    }
  }

  static StructType of(Optional<String> text, Optional<String> file) {
    return text.map(ddl -> Ddl.parse(TEXT, ddl)).orElseGet(() -> ofFile(file.orElseThrow()));
  }

  private static StructType ofFile(String name) {
    String text = read(Path.of(name));
    String lower = name.toLowerCase(Locale.ROOT);
    if (lower.endsWith(".avsc")) {
      return (StructType)
          SchemaConverters.toSqlType(new Schema.Parser().parse(avro(FILE, text))).dataType();
    }
    if (lower.endsWith(".json")) {
      return JsonSchema.columns(name, text);
    }
    if (lower.endsWith(".ddl") || lower.endsWith(".sql")) {
      try {
        return Ddl.parse(FILE, text);
      } catch (TextFault fault) {
        throw new IllegalArgumentException(
            fault.getMessage() + ", in " + name + ":" + fault.line() + ":" + fault.column(), fault);
      }
    }
    throw new IllegalArgumentException(
        "Cannot read fields from " + name + ". Use a file that ends in .ddl, .sql, .json or .avsc");
  }

  /** An Avro schema that is known to describe a record. */
  static String avro(String setting, String text) {
    Schema unused = RecordSchema.parse(setting, text);
    return text;
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new IllegalArgumentException("Cannot read the file " + file + ": " + e.getMessage(), e);
    }
  }

  /** Refuses what would need quotes in SQL. */
  static void requireName(String column) {
    if (!column.matches("[A-Za-z][A-Za-z0-9_]*")) {
      throw new IllegalArgumentException(
          "Expected a column name of letters, digits and _, found '" + column + "'");
    }
  }
}
