package io.millrace.sinks.jdbc;

import java.util.List;
import java.util.stream.Collectors;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * The table as it is, and what is written into it.
 *
 * @param columns in the order in which they are written
 * @param keys the names of the columns that identify a row when rows replace each other, else none
 */
record Target(TableName table, List<TargetColumn> columns, List<String> keys) {

  List<String> names() {
    return columns.stream().map(TargetColumn::name).toList();
  }

  /** The columns as a statement defines them. */
  String definition() {
    return columns.stream()
        .map(column -> TableName.quoted(column.name()) + " " + column.declared())
        .collect(Collectors.joining(", "));
  }

  /**
   * Checks that a row can be found by its keys.
   *
   * @throws IllegalArgumentException if one of them is NULL
   */
  void requireKeys(InternalRow row) {
    for (TargetColumn column : columns) {
      if (keys.contains(column.name()) && row.isNullAt(column.ordinal())) {
        throw new IllegalArgumentException(
            "Cannot upsert a row whose key column %s is NULL. Filter such rows before, or choose other keys"
                .formatted(column.name()));
      }
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
