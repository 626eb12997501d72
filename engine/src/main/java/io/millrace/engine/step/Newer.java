package io.millrace.engine.step;

import io.millrace.engine.spi.TextFault;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.RowOrdering;
import org.apache.spark.sql.catalyst.expressions.SortOrder;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.types.StructType;

/** The columns that tell which of two rows of a key is newer. */
record Newer(List<Attribute> columns) {
  /**
   * The columns that a list in the settings names.
   *
   * @throws TextFault at the first one that is not there or has no order
   */
  static Newer of(LogicalPlan rows, String setting, List<String> names) {
    List<Attribute> columns = Catalyst.known(rows, setting, names);
    for (int i = 0; i < columns.size(); i++) {
      Attribute column = columns.get(i);
      if (!RowOrdering.isOrderable(column.dataType())) {
        throw new TextFault(
            setting + "." + i,
            1,
            1,
            "Cannot order by " + column.name() + ": it is a " + column.dataType().simpleString());
      }
    }
    return new Newer(List.copyOf(columns));
  }

  /** The same over rows that are told, where they have these columns. */
  List<SortOrder> over(StructType told) {
    return columns.stream()
        .map(
            column ->
                Catalyst.ascending(
                    new BoundReference(told.fieldIndex(column.name()), column.dataType(), true)))
        .toList();
  }
}
