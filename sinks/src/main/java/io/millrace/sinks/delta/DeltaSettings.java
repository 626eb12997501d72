package io.millrace.sinks.delta;

import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Shorthand;
import io.millrace.sinks.encode.Condition;
import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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
    @Doc(
            "For merge: keeps every version of a row and not only the newest, each with the time from"
                + " which and until which it holds, by the order-by column. A delete ends the version"
                + " of its time. A change that comes late is put in its place between the others.")
        Optional<History> history,
    @Doc(
            "For append: replaces the partitions that a batch has rows of, and leaves the others as"
                + " they are. The table has to have partitions.")
        @Default("nothing")
        Replace replace,
    @Doc(
            "What to do about a column that the table does not have, or a value that does not fit the"
                + " type that it has there: fail; add-columns, for columns that are new; rescue, which"
                + " keeps them as a JSON object in the text column _rescued.")
        @Default("fail")
        Schema schema,
    @Doc(
            "What is done for the table once in so many batches: {optimize-every: 100, vacuum-every:"
                + " 1000}.")
        Optional<Schedule> upkeep,
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

  /** What to do about rows that do not fit the table. */
  public enum Schema {
    FAIL,
    ADD_COLUMNS,
    RESCUE
  }

  /** When small files are put together, and old ones removed. */
  public record Schedule(
      @Doc("After how many batches small files are put together. Never if left out.")
          Optional<Integer> optimizeEvery,
      @Doc(
              "After how many batches files are removed that no newer version needs, when they are"
                  + " older than the table's property delta.deletedFileRetentionDuration says, or a"
                  + " week. Never if left out.")
          Optional<Integer> vacuumEvery)
      implements Serializable {
    public Schedule {
      for (Optional<Integer> every : List.of(optimizeEvery, vacuumEvery)) {
        if (every.filter(number -> number < 1).isPresent()) {
          throw new IllegalArgumentException(
              "Expected a number of batches of 1 or more, found " + every.get());
        }
      }
    }
  }

  /** What a batch that appends takes away. */
  public enum Replace {
    NOTHING,
    PARTITIONS
  }

  /** What to do about a change that says what the version before it says. */
  public enum Unchanged {
    SKIP,
    KEEP
  }

  /** How the versions of a row are told apart. */
  public record History(
      @Doc("The column for the time from which a version holds.") @Default("valid_from")
          String from,
      @Doc("The column for the time from which it holds no more; null for the current one.")
          @Default("valid_to")
          String to,
      @Doc("The column that says whether a version is the current one.") @Default("is_current")
          String current,
      @Doc(
              "What to do about a change that says, but for keys and order-by, what the version"
                  + " before it says: skip it, or keep it as a version. What is skipped is not"
                  + " remembered: a change that comes late, from between the two, then holds until"
                  + " the next version.")
          @Default("skip")
          Unchanged unchanged)
      implements Serializable {}

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
    deleteWhen.ifPresent(text -> Condition.check("delete-when", text));
    if (history.isPresent() && orderBy.size() > 1) {
      throw new IllegalArgumentException(
          "Needs exactly one order-by column for history, found "
              + orderBy
              + ". It is the time from which a version holds");
    }
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

  String target() {
    return path.orElseGet(table::orElseThrow);
  }
}
