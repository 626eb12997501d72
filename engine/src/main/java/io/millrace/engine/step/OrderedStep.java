package io.millrace.engine.step;

import io.millrace.engine.spi.Effect;
import io.millrace.engine.spi.Planned;
import java.util.Optional;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;

/**
 * A step that takes the rows of each key in the order of their times. In a stream a row waits until
 * the watermark has passed it, so a result comes once, and does not depend on how the rows came.
 */
sealed interface OrderedStep extends Planned
    permits ChangesStep, PatternStep, RunningStep, SequenceStep {
  @Override
  default boolean stateful() {
    return true;
  }

  @Override
  default Optional<String> disorder() {
    return Optional.of("it puts the rows of each key in the order of their times");
  }

  @Override
  default Effect effect() {
    return Effect.GATHERS;
  }

  @Override
  default Optional<Expression> onTimeUntil(Input rows) {
    return Catalyst.time(rows.plan()).map(time -> Catalyst.call("unix_micros", time));
  }

  /** The column with the time, which its results keep. */
  @Override
  default Optional<String> closesAt(LogicalPlan rows) {
    return Catalyst.time(rows).map(Attribute::name);
  }
}
