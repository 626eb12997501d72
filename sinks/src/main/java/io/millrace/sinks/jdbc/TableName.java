package io.millrace.sinks.jdbc;

import java.util.Optional;

/** A table and perhaps its schema. */
record TableName(Optional<String> schema, String table) {

  static TableName of(String text) {
    String[] parts = text.split("\\.", -1);
    for (String part : parts) {
      if (part.isBlank() || part.contains("\"") || parts.length > 2) {
        throw new IllegalArgumentException(
            "Expected a table or schema.table without quotes, found " + text);
      }
    }
    return parts.length == 2
        ? new TableName(Optional.of(parts[0]), parts[1])
        : new TableName(Optional.empty(), text);
  }

  /** Another table in the same schema. */
  TableName beside(String other) {
    return new TableName(schema, other);
  }

  /** As it stands in a statement. */
  String sql() {
    return schema.map(name -> quoted(name) + ".").orElse("") + quoted(table);
  }

  @Override
  public String toString() {
    return schema.map(name -> name + ".").orElse("") + table;
  }

  /** A name in the quotes of standard SQL, which all three databases take. */
  static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }
}
