package io.millrace.engine.spi;

import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;

/**
 * A step that is one of Spark's own logical plans over its inputs. The same plan is checked before
 * Spark runs and executed when it does, so columns, types and output modes are known early.
 */
public non-sealed interface Planned extends Step {
  /**
   * The unresolved plan. Its columns are resolved by Spark's analyzer afterwards.
   *
   * @throws IllegalArgumentException with a sentence, if a setting cannot be parsed
   */
  LogicalPlan plan(List<Input> inputs);

  /**
   * The same where no row is late. A step that takes a row to several places leaves out those that
   * are closed.
   *
   * @param open whether a place is open, asked with the event time until which it is
   */
  default LogicalPlan plan(List<Input> inputs, UnaryOperator<Expression> open) {
    return plan(inputs);
  }

  /**
   * The names of its inputs, in the order of {@link #plan}: what its settings name, together with
   * or instead of what the job's {@code from} names.
   */
  default List<String> reads(List<String> from) {
    return from;
  }

  /** What is wrong in the texts of its settings, as far as the texts alone tell it. */
  default List<TextFault> faults() {
    return List.of();
  }

  /**
   * Until when a row of an input is on time, in microseconds of event time: it is late where the
   * watermark has come that far. Empty where nothing is ever late.
   */
  default Optional<Expression> onTimeUntil(Input rows) {
    return Optional.empty();
  }

  /** An input: the name that the job gives it, and its plan. */
  record Input(String name, LogicalPlan plan) {}
}
