package io.millrace.engine.step;

import io.millrace.engine.spi.Effect;
import io.millrace.engine.spi.Late;
import io.millrace.engine.spi.Planned;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Union;
import scala.runtime.AbstractFunction1;

/**
 * A watermark that a test moves: it goes by the times of rows as ever, and by beats beside them,
 * which are no rows.
 *
 * @param step the watermark as the job has it
 * @param beats a stream of one column of times, asked for when a query starts
 */
public record WatermarkByHand(WatermarkStep step, Supplier<LogicalPlan> beats) implements Planned {
  private static final long serialVersionUID = 1;
  private static final String BEAT = "_beat";

  /** How far ahead of the watermark a beat has to be to move it there. */
  public Duration delay() {
    return step.settings().delay();
  }

  @Override
  public Optional<Late> late() {
    return step.late();
  }

  @Override
  public Optional<String> disorder() {
    return step.disorder();
  }

  @Override
  public Effect effect() {
    return step.effect();
  }

  @Override
  public boolean keepsDead() {
    return step.keepsDead();
  }

  @Override
  public LogicalPlan plan(List<Input> inputs) {
    Input rows = inputs.get(0);
    if (!rows.plan().isStreaming()) {
      return step.plan(inputs);
    }
    String time = step.settings().time();
    LogicalPlan both = beside(rows.plan(), time, beats.get());
    LogicalPlan marked = step.plan(List.of(new Input(rows.name(), both)));
    Expression row = Catalyst.barrier(new Row(), List.of(Catalyst.column(BEAT)));
    List<NamedExpression> columns = new ArrayList<>();
    for (Attribute column : Catalyst.list(rows.plan().output())) {
      columns.add(Catalyst.column(column.name()));
    }
    return Catalyst.project(columns, new Filter(row, marked));
  }

  /**
   * Whether it is a row and no beat. Spark would take any other condition of the job below the
   * watermark, where a beat, which has nothing but a time, would not meet it.
   */
  private static final class Row extends AbstractFunction1<Object, Object> implements Serializable {
    private static final long serialVersionUID = 1;

    @Override
    public Object apply(Object beat) {
      return !((Boolean) beat);
    }
  }

  private static LogicalPlan beside(LogicalPlan rows, String time, LogicalPlan beats) {
    List<NamedExpression> own = new ArrayList<>(Catalyst.list(rows.output()));
    own.add(Catalyst.as(BEAT, Catalyst.truth(false)));
    Expression moment = (Expression) Catalyst.list(beats.output()).get(0);
    List<NamedExpression> others = new ArrayList<>();
    for (Attribute column : Catalyst.list(rows.output())) {
      others.add(
          Catalyst.as(
              column.name(),
              column.name().equalsIgnoreCase(time)
                  ? moment
                  : new Literal(null, column.dataType())));
    }
    others.add(Catalyst.as(BEAT, Catalyst.truth(true)));
    return new Union(
        Catalyst.seq(List.of(Catalyst.project(own, rows), Catalyst.project(others, beats))),
        false,
        false);
  }
}
