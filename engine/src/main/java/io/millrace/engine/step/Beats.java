package io.millrace.engine.step;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Union;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.LongAccumulator;
import org.jspecify.annotations.Nullable;
import scala.runtime.AbstractFunction1;

/** Times beside rows: they move the watermark of these, and are no rows. */
final class Beats {
  private static final String BEAT = "_beat";

  private Beats() {}

  /**
   * The rows with times beside them, for a watermark.
   *
   * @param columns of the rows
   * @param time the one with their time
   * @param beats each of one column of times
   */
  static LogicalPlan beside(
      LogicalPlan rows, StructType columns, String time, List<LogicalPlan> beats) {
    List<NamedExpression> own = named(columns);
    own.add(Catalyst.as(BEAT, Catalyst.truth(false)));
    List<LogicalPlan> all = new ArrayList<>(List.of(Catalyst.project(own, rows)));
    for (LogicalPlan more : beats) {
      all.add(Catalyst.project(beat(columns, time, more), more));
    }
    List<NamedExpression> together = named(columns);
    together.add(Catalyst.column(BEAT));
    return Catalyst.project(together, new Union(Catalyst.seq(all), false, false));
  }

  private static List<NamedExpression> beat(StructType columns, String time, LogicalPlan beats) {
    Expression moment = (Expression) Catalyst.list(beats.output()).get(0);
    List<NamedExpression> beat = new ArrayList<>();
    for (StructField column : columns.fields()) {
      beat.add(
          Catalyst.as(
              column.name(),
              column.name().equals(time) ? moment : new Literal(null, column.dataType())));
    }
    beat.add(Catalyst.as(BEAT, Catalyst.truth(true)));
    return beat;
  }

  /**
   * The rows alone, above that watermark. Spark would take any other condition of the job below the
   * watermark, where a beat, which has nothing but a time, would not meet it.
   *
   * @param columns of the rows
   * @param counter of the rows, if they are counted
   */
  static LogicalPlan removed(
      LogicalPlan marked, StructType columns, @Nullable LongAccumulator counter) {
    Expression isRow = Catalyst.barrier(new Row(counter), List.of(Catalyst.column(BEAT)));
    return Catalyst.project(named(columns), new Filter(isRow, marked));
  }

  private static List<NamedExpression> named(StructType columns) {
    List<NamedExpression> named = new ArrayList<>();
    List.of(columns.fieldNames()).forEach(column -> named.add(Catalyst.column(column)));
    return named;
  }

  /** Whether it is a row and no beat. */
  private static final class Row extends AbstractFunction1<Object, Object> implements Serializable {
    private static final long serialVersionUID = 1;

    private final @Nullable LongAccumulator counter;

    Row(@Nullable LongAccumulator counter) {
      this.counter = counter;
    }

    @Override
    public Object apply(Object beat) {
      boolean isRow = !((Boolean) beat);
      if (isRow && counter != null) {
        counter.add(1);
      }
      return isRow;
    }
  }
}
