package io.millrace.engine.step;

import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.ScalaUDF;
import org.apache.spark.sql.catalyst.expressions.SortOrder;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.RepartitionByExpression;
import org.apache.spark.sql.catalyst.plans.logical.Sort;
import org.apache.spark.sql.types.DataTypes;
import org.jspecify.annotations.Nullable;
import scala.Option;
import scala.runtime.AbstractFunction2;

/**
 * Goes through the rows of a table key by key in the order of their times, and lets a row through
 * that lies no less than a duration behind the last of its key that it let through.
 */
final class Repeats extends AbstractFunction2<Row, Long, Object> implements Serializable {
  private static final long serialVersionUID = 1;

  private final long within;
  private transient @Nullable Row key;
  private transient long passed;

  private Repeats(Duration within) {
    this.within = Catalyst.micros(within);
  }

  /** The rows of a table without repeats. A row without a time counts as the first of all. */
  static LogicalPlan removed(
      LogicalPlan rows, List<Attribute> keys, Attribute time, Duration within) {
    List<SortOrder> order = new ArrayList<>();
    keys.forEach(column -> order.add(Catalyst.ascending(column)));
    order.add(Catalyst.ascending(time));
    LogicalPlan together =
        new RepartitionByExpression(Catalyst.seq(keys), rows, Option.empty(), Option.empty());
    Expression passes =
        new ScalaUDF(
            new Repeats(within),
            DataTypes.BooleanType,
            Catalyst.seq(
                List.of(
                    Catalyst.call("struct", keys.toArray(Expression[]::new)),
                    Catalyst.call(
                        "coalesce", Catalyst.call("unix_micros", time), Catalyst.whole(0)))),
            Catalyst.seq(List.of()),
            Option.empty(),
            Option.empty(),
            false,
            // It depends on the rows before, so no row may be taken out below it.
            false);
    return new Filter(passes, new Sort(Catalyst.seq(order), false, together, Option.empty()));
  }

  @Override
  public Object apply(Row row, Long time) {
    if (row.equals(key) && time - passed < within) {
      return false;
    }
    key = row;
    passed = time;
    return true;
  }
}
