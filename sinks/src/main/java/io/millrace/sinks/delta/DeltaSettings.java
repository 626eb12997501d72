package io.millrace.sinks.delta;

import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Shorthand;
import io.millrace.engine.spi.TextFault;
import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.catalyst.parser.CatalystSqlParser$;

/** Which table gets the rows, and how. */
public record DeltaSettings(
    @Doc("The folder of the table.") @Shorthand Optional<String> path,
    @Doc("The table's name in the catalog, in place of a path.") Optional<String> table,
    @Doc("Whether a missing table is created.") @Default("if-missing") Create create,
    @Doc("Columns whose values name the folders of a table that is created.")
        List<String> partitionBy,
    @Doc("The columns that are written. All but those that start with an underscore if left out.")
        List<String> columns,
    @Doc("The columns that identify a row: needed for upsert and merge.") List<String> keys,
    @Doc(
            "The columns that tell which of two rows of a key is newer, the first one first, such as"
                + " [updated_at, version]. A row that is older than the one in the table changes"
                + " nothing, in whichever batch it comes. Of rows that are equal here a delete wins,"
                + " then the one that is greater in its other columns, from left to right. Needed for"
                + " merge, and for upsert in mode append.")
        List<String> orderBy,
    @Doc(
            "For merge: a condition that holds for the rows that delete, such as op = 'd'. Their keys"
                + " and order-by columns are kept in the folder _millrace_deletes within the table's"
                + " own, for good, so that an older row that comes later stays out.")
        Optional<String> deleteWhen,
    @Doc("Other options of Delta's writer, for append.") Map<String, String> options)
    implements Serializable {
  private static final Set<String> OURS =
      Set.of(
          "mergeschema",
          "overwriteschema",
          "partitionoverwritemode",
          "path",
          "replaceusing",
          "replacewhere",
          "txnappid",
          "txnversion",
          "usermetadata");

  /** What to do about a table that is not there. */
  public enum Create {
    IF_MISSING,
    NEVER
  }

  /** Checks what can be checked without the table. */
  public DeltaSettings {
    if (path.isEmpty() && table.isEmpty()) {
      throw new IllegalArgumentException("Missing path or table. Name one of them");
    }
    if (path.isPresent() && table.isPresent()) {
      throw new IllegalArgumentException(
          "Cannot write to path "
              + path.get()
              + " and table "
              + table.get()
              + " at once. Name one of them");
    }
    for (String option : options.keySet()) {
      if (OURS.contains(option.toLowerCase(Locale.ROOT))) {
        throw new IllegalArgumentException(
            "Cannot set the option "
                + option
                + ": the toolkit sets it, or it would break delivery. Leave it out");
      }
    }
    once("keys", keys);
    once("order-by", orderBy);
    once("columns", columns);
    written("key", keys, columns);
    written("order-by", orderBy, columns);
    deleteWhen.ifPresent(DeltaSettings::parse);
  }

  private static void once(String setting, List<String> names) {
    if (new HashSet<>(names).size() < names.size()) {
      throw new IllegalArgumentException("Cannot use a column twice in " + setting + ": " + names);
    }
  }

  private static void written(String use, List<String> names, List<String> columns) {
    for (String name : names) {
      if (!columns.isEmpty() && !columns.contains(name)) {
        throw new IllegalArgumentException(
            "Missing " + use + " column " + name + " among columns: " + String.join(", ", columns));
      }
    }
  }

  private static void parse(String condition) {
    try {
      CatalystSqlParser$.MODULE$.parseExpression(condition);
    } catch (Exception e) {
      throw new TextFault(
          "delete-when",
          1,
          1,
          "Cannot read the condition: "
              + String.valueOf(e.getMessage())
                  .lines()
                  .filter(line -> !line.isBlank())
                  .findFirst()
                  .orElse("")
                  .replaceFirst("^\\[[A-Z_.]+] ", "")
                  .replaceFirst(" SQLSTATE: .*", ""));
    }
  }

  String target() {
    return path.orElseGet(table::orElseThrow);
  }
}
