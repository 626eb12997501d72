package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.RowFaults;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * The table as it is, and what is written into it.
 *
 * @param columns in the order in which they are written
 * @param changes how rows replace each other
 * @param traced whether rows that wait must be told apart where they have no keys
 */
record Target(TableName table, List<TargetColumn> columns, Changes changes, boolean traced) {

  /**
   * How rows of one key are told apart.
   *
   * @param verb what is done with a row, for messages
   * @param keys the names of the columns that identify a row when rows replace each other, else
   *     none
   * @param order the names of the columns by which the greater row is the newer one; if there are
   *     none, it is the one that comes later
   * @param deleteWhen the condition on rows of the stream that delete
   * @param keeps whether a row of the table stays when its key comes again
   */
  record Changes(
      String verb,
      List<String> keys,
      List<String> order,
      Optional<String> deleteWhen,
      boolean keeps) {
    /** Rows are added as they come. */
    static final Changes NONE =
        new Changes("append", List.of(), List.of(), Optional.empty(), false);
  }

  List<String> keys() {
    return changes.keys();
  }

  /** Whether a row that waits tells its place in its task. */
  boolean numbered() {
    return traced || !keys().isEmpty();
  }

  /** The same for rows that wait in a stage, which may have to tell where they came from. */
  Target staged(RowFaults faults) {
    return new Target(table, columns, changes, faults == RowFaults.LETTER);
  }

  boolean deletes() {
    return changes.deleteWhen().isPresent();
  }

  List<String> names() {
    return columns.stream().map(TargetColumn::name).toList();
  }

  /** The columns as a statement defines them. */
  String definition() {
    return columns.stream()
        .map(column -> TableName.quoted(column.name()) + " " + column.declared())
        .collect(Collectors.joining(", "));
  }

  /** The columns of rows that wait in the database, as a statement defines them. */
  String waiting() {
    return definition()
        + (numbered() ? ", \"_number\" bigint" : "")
        + (deletes() ? ", \"_gone\" boolean, \"_marker\" text" : "");
  }

  /**
   * Their names: those of the table; where rows are numbered, the number of the row; where some
   * delete, whether this one does, and as JSON what the table does not have of what says so.
   */
  String copied() {
    return Dialect.names(names())
        + (numbered() ? ", \"_number\"" : "")
        + (deletes() ? ", \"_gone\", \"_marker\"" : "");
  }

  /** How many columns a copy has beside those of the table. */
  int extra() {
    return (numbered() ? 1 : 0) + (deletes() ? 2 : 0);
  }

  /**
   * Checks that a row can be found by its keys and has its place among others.
   *
   * @throws IllegalArgumentException if one of these columns is NULL
   */
  void requireKeys(InternalRow row) {
    for (TargetColumn column : columns) {
      if (row.isNullAt(column.ordinal())) {
        require(column.name(), changes.keys(), "key", "keys");
        require(column.name(), changes.order(), "order-by", "columns");
      }
    }
  }

  private void require(String column, List<String> needed, String use, String others) {
    if (needed.contains(column)) {
      throw new IllegalArgumentException(
          "Cannot %s a row whose %s column %s is NULL. Filter such rows before, or choose other %s"
              .formatted(changes.verb(), use, column, others));
    }
  }

  /**
   * A column of the table.
   *
   * @param ordinal where its value stands in a row of the stream
   * @param type the database's name of its base type, such as int4 or _text
   * @param declared its type as a statement would say it
   * @param scale digits after the point, or -1
   * @param required whether it takes no NULL and has no default
   */
  record TargetColumn(
      String name, int ordinal, String type, String declared, int scale, boolean required) {}
}
