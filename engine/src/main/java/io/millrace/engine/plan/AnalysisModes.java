package io.millrace.engine.plan;

import io.millrace.engine.spi.Mode;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.catalyst.analysis.UnsupportedOperationChecker$;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.streaming.OutputMode;

/**
 * The output modes of a streaming plan.
 *
 * @param refused the modes that it does not allow, and what Spark says
 */
record AnalysisModes(Map<Mode, Exception> refused) {

  static AnalysisModes of(LogicalPlan plan) {
    Map<Mode, Exception> refused = new EnumMap<>(Mode.class);
    for (Mode mode : Mode.values()) {
      AnalysisCatalyst.fault(
              () -> UnsupportedOperationChecker$.MODULE$.checkForStreaming(plan, spark(mode)))
          .ifPresent(fault -> refused.put(mode, fault));
    }
    return new AnalysisModes(refused);
  }

  /** What Spark says about a plan over tables only, if it refuses it. */
  static Optional<Exception> batch(LogicalPlan plan) {
    return AnalysisCatalyst.fault(() -> UnsupportedOperationChecker$.MODULE$.checkForBatch(plan));
  }

  Set<Mode> allowed() {
    Set<Mode> allowed = EnumSet.allOf(Mode.class);
    allowed.removeAll(refused.keySet());
    return allowed;
  }

  /** What Spark says against a mode. */
  Optional<Exception> refusal(Mode mode) {
    return Optional.ofNullable(refused.get(mode));
  }

  private static OutputMode spark(Mode mode) {
    return switch (mode) {
      case APPEND -> OutputMode.Append();
      case UPDATE -> OutputMode.Update();
      case COMPLETE -> OutputMode.Complete();
    };
  }
}
