package io.millrace.engine.step;

import java.util.Optional;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;

/**
 * A step that takes the rows of each key in the order of their times. In a stream a row waits until
 * the watermark has passed it, so a result comes once, and does not depend on how the rows came.
 */
sealed interface OrderedStep extends KeyedStep
    permits ChangesStep, PatternStep, RunningStep, SequenceStep {
  @Override
  default Optional<String> disorder() {
    return Optional.of("it puts the rows of each key in the order of their times");
  }

  /** The column with the time, which its results keep. */
  @Override
  default Optional<String> closesAt(LogicalPlan rows) {
    return Catalyst.time(rows).map(Attribute::name);
  }
}
