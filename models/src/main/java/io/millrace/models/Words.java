package io.millrace.models;

import java.util.Locale;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;

/** How names look in a job file and in SQL. */
final class Words {
  private Words() {}

  /** {@code KMeans} is k-means. */
  static String kebab(String name) {
    return name.replaceAll("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-")
        .toLowerCase(Locale.ROOT);
  }

  /** A column by its name alone, whatever is in it. */
  static Column column(String name) {
    return functions.col(quoted(name));
  }

  /** A column's name that Spark takes as it stands. */
  static String quoted(String column) {
    return "`" + column.replace("`", "``") + "`";
  }
}
