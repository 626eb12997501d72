package io.millrace.engine.step;

import io.millrace.engine.spi.Dropped;
import io.millrace.engine.spi.TextFault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.If;
import org.apache.spark.sql.catalyst.expressions.IsNull;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Rows that say that no earlier one is to come. One without a time says nothing, and is a row as
 * any.
 *
 * @param time their column
 * @param condition in SQL
 */
record Punctuation(String time, String condition) {
  private static final String SETTING = "punctuation";

  /** The column with the time of such rows, and of no others: the watermark goes by it. */
  static final String MARK = "_mark";

  /**
   * The condition.
   *
   * @throws TextFault if it cannot be read, or asked of one row
   */
  Expression tells() {
    Expression tells = Catalyst.expression(SETTING, condition);
    if (Catalyst.aggregates(tells)) {
      throw new TextFault(
          SETTING,
          1,
          1,
          "Cannot aggregate in a punctuation: " + condition + ". It looks at one row");
    }
    return tells;
  }

  /** The columns of rows, and that one. */
  StructType told(StructType columns) {
    return columns.add(MARK, DataTypes.TimestampType);
  }

  LogicalPlan told(LogicalPlan rows) {
    List<NamedExpression> columns = new ArrayList<>(Catalyst.list(rows.output()));
    columns.add(
        Catalyst.as(
            MARK,
            new If(tells(), Catalyst.column(time), new Literal(null, DataTypes.TimestampType))));
    return Catalyst.project(columns, rows);
  }

  /**
   * The other rows, whose time moves as that column does. The condition names it, so that Spark
   * leaves it above the watermark.
   *
   * @param columns of the rows, and that one
   */
  LogicalPlan removed(LogicalPlan rows, StructType columns, Duration delay) {
    Expression dropped = Catalyst.call(new Dropped(), DataTypes.BooleanType, List.of());
    Expression stays = new If(new IsNull(Catalyst.column(MARK)), Catalyst.truth(true), dropped);
    List<NamedExpression> shown = new ArrayList<>();
    for (String name : columns.fieldNames()) {
      if (name.equals(time)) {
        shown.add(Catalyst.as(name, Catalyst.column(name), Catalyst.mark(delay)));
      } else if (!name.equals(MARK)) {
        shown.add(Catalyst.column(name));
      }
    }
    return Catalyst.project(shown, new Filter(stays, rows));
  }
}
