package io.millrace.engine.step;

import io.millrace.engine.spi.Effect;
import io.millrace.engine.spi.Planned;
import java.util.Optional;
import org.apache.spark.sql.catalyst.expressions.Expression;

/** A step that keeps state by key, and takes rows until the watermark has passed them. */
sealed interface KeyedStep extends Planned permits OrderedStep, StatefulStep, TopStep {
  @Override
  default boolean stateful() {
    return true;
  }

  @Override
  default Effect effect() {
    return Effect.GATHERS;
  }

  @Override
  default Optional<Expression> onTimeUntil(Input rows) {
    return Catalyst.time(rows.plan()).map(time -> Catalyst.call("unix_micros", time));
  }
}
