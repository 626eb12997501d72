package io.millrace.engine.step;

import io.millrace.engine.spi.Columns;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.EvalMode;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.If;
import org.apache.spark.sql.catalyst.expressions.IsNotNull;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import scala.Option;

/** The column by which steps tag rows as dead letters. */
final class DeadLetter {
  static final DataType TYPE =
      new StructType()
          .add("source", DataTypes.StringType)
          .add("step", DataTypes.StringType)
          .add("rule", DataTypes.StringType)
          .add("reason", DataTypes.StringType);

  private DeadLetter() {}

  /** Whether a row is one already; empty where none is. */
  static Optional<Expression> is(LogicalPlan rows) {
    return Catalyst.attribute(rows, Columns.DEAD).map(IsNotNull::new);
  }

  /**
   * The tag of a row. Its {@code source} is null: which source a row came from is known to the
   * engine alone.
   */
  static Expression of(String step, Expression rule, Expression reason) {
    return new Cast(
        Catalyst.call(
            "named_struct",
            Catalyst.text("source"),
            new Literal(null, DataTypes.StringType),
            Catalyst.text("step"),
            Catalyst.text(step),
            Catalyst.text("rule"),
            rule,
            Catalyst.text("reason"),
            reason),
        TYPE,
        Option.empty(),
        EvalMode.LEGACY());
  }

  /** The column where some rows more are tagged; others stay as they were. */
  static NamedExpression column(LogicalPlan rows, Expression condition, Expression tag) {
    Expression before =
        Catalyst.attribute(rows, Columns.DEAD)
            .<Expression>map(known -> known)
            .orElseGet(() -> new Literal(null, TYPE));
    return Catalyst.as(Columns.DEAD, new If(condition, tag, before));
  }

  /** All columns but that one. */
  static List<NamedExpression> others(LogicalPlan rows) {
    List<NamedExpression> columns = new ArrayList<>();
    for (Attribute column : Catalyst.list(rows.output())) {
      if (!column.name().equals(Columns.DEAD)) {
        columns.add(column);
      }
    }
    return columns;
  }
}
