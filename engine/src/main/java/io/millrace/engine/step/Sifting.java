package io.millrace.engine.step;

import io.millrace.engine.spi.Columns;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.Coalesce;
import org.apache.spark.sql.catalyst.expressions.EvalMode;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.If;
import org.apache.spark.sql.catalyst.expressions.IsNotNull;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.Or;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import scala.Option;

/**
 * Rows in front of a watermark, where no dead letter has a time that could move it.
 *
 * @param rows analysed
 * @param time their column
 * @param mark that the column gets
 */
record Sifting(LogicalPlan rows, Attribute time, Option<Metadata> mark) {
  private static final String AHEAD = "_ahead";

  /** The rows, of which some are dead letters already. */
  LogicalPlan calm() {
    return Catalyst.project(columns(DeadLetter.is(rows).orElseThrow()), rows);
  }

  /**
   * The same, and those too far ahead are dead letters of a step. A row that was not decoded from
   * bytes is its own raw value, as JSON.
   *
   * @param bound how far ahead of the batch's time a row may be
   */
  LogicalPlan bounded(Duration bound, String step) {
    Ahead ahead = new Ahead(time.name(), bound);
    Optional<Expression> dead = DeadLetter.is(rows);
    Expression live =
        dead.<Expression>map(known -> new If(known, Catalyst.truth(false), ahead.condition()))
            .orElseGet(ahead::condition);
    List<NamedExpression> told = new ArrayList<>(Catalyst.list(rows.output()));
    told.add(
        Catalyst.as(AHEAD, new If(live, ahead.reason(), new Literal(null, DataTypes.StringType))));
    Expression isAhead = new IsNotNull(Catalyst.column(AHEAD));
    List<NamedExpression> columns =
        columns(dead.<Expression>map(known -> new Or(known, isAhead)).orElse(isAhead));
    columns.removeIf(column -> List.of(Columns.RAW, Columns.DEAD).contains(column.name()));
    columns.add(Catalyst.as(Columns.RAW, raw(isAhead)));
    columns.add(
        DeadLetter.column(
            rows, isAhead, DeadLetter.of(step, Catalyst.text(Ahead.RULE), Catalyst.column(AHEAD))));
    return Catalyst.project(columns, Catalyst.project(told, rows));
  }

  /** All columns, the time of rows that meet a condition taken away. */
  private List<NamedExpression> columns(Expression refused) {
    List<NamedExpression> columns = new ArrayList<>();
    for (Attribute column : Catalyst.list(rows.output())) {
      columns.add(
          column.exprId().equals(time.exprId())
              ? Catalyst.as(
                  column.name(),
                  new If(refused, new Literal(null, column.dataType()), column),
                  mark)
              : column);
    }
    return columns;
  }

  private Expression raw(Expression isAhead) {
    Expression[] shown =
        Catalyst.list(rows.output()).stream()
            .filter(column -> !column.name().startsWith("_"))
            .toArray(Expression[]::new);
    Expression itself =
        new Cast(
            Catalyst.call("to_json", Catalyst.call("struct", shown)),
            DataTypes.BinaryType,
            Option.empty(),
            EvalMode.LEGACY());
    Optional<Attribute> raw = Catalyst.attribute(rows, Columns.RAW);
    return raw.<Expression>map(
            known -> new If(isAhead, new Coalesce(Catalyst.seq(List.of(known, itself))), known))
        .orElseGet(() -> new If(isAhead, itself, new Literal(null, DataTypes.BinaryType)));
  }
}
