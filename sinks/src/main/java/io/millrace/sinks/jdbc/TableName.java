package io.millrace.sinks.jdbc;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A table and perhaps its schema. */
record TableName(Optional<String> schema, String table) {
  private static final Pattern PART =
      Pattern.compile("\\G(?:\"((?:[^\"]|\"\")+)\"|([^\".]+))(\\.|$)");
  private static final Pattern PLAIN = Pattern.compile("[^\".]+");

  /**
   * A name as a person writes it: each part plain, or in quotes where a dot or a quote is in it.
   */
  static TableName of(String text) {
    List<String> parts = new ArrayList<>();
    Matcher part = PART.matcher(text);
    boolean more = true;
    int end = 0;
    while (more && part.find()) {
      parts.add(part.group(1) == null ? part.group(2) : part.group(1).replace("\"\"", "\""));
      more = !part.group(3).isEmpty();
      end = part.end();
    }
    if (more
        || end < text.length()
        || parts.size() > 2
        || parts.stream().anyMatch(String::isBlank)) {
      throw new IllegalArgumentException(
          "Expected a table or schema.table, a part with a dot or a quote in it as \"a.b\" or \"a\"\"b\", found "
              + text);
    }
    return parts.size() == 2
        ? new TableName(Optional.of(parts.get(0)), parts.get(1))
        : new TableName(Optional.empty(), parts.get(0));
  }

  /** Another table in the same schema. */
  TableName beside(String other) {
    return new TableName(schema, other);
  }

  /** As it stands in a statement. */
  String sql() {
    return schema.map(name -> quoted(name) + ".").orElse("") + quoted(table);
  }

  /** As a person writes it. */
  @Override
  public String toString() {
    return schema.map(name -> written(name) + ".").orElse("") + written(table);
  }

  private static String written(String name) {
    return PLAIN.matcher(name).matches() ? name : quoted(name);
  }

  /** A name in the quotes of standard SQL, which all three databases take. */
  static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }
}
