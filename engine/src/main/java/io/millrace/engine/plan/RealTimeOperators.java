package io.millrace.engine.plan;

import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.spark.sql.catalyst.plans.logical.Join;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.trees.TreePattern;
import scala.jdk.javaapi.CollectionConverters;

/** The operators of a step's own, as far as real time is concerned. */
final class RealTimeOperators {
  /** Those that leave each row in its task. */
  private static final Set<String> IN_PLACE =
      Set.of(
          "AppendColumns",
          "CollectMetrics",
          "DeserializeToObject",
          "EventTimeWatermark",
          "Expand",
          "Filter",
          "Generate",
          "MapElements",
          "MapPartitions",
          "Project",
          "ResolvedHint",
          "SerializeFromObject",
          "SubqueryAlias",
          "Union",
          "View");

  private RealTimeOperators() {}

  /** An operator that moves rows of a stream between tasks, by its name. */
  static Optional<String> shuffles(LogicalPlan step) {
    return first(step, plan -> !inPlace(plan)).map(LogicalPlan::nodeName);
  }

  /** A stream is joined with a table by broadcasting the table. */
  private static boolean inPlace(LogicalPlan plan) {
    return plan.children().isEmpty() || plan instanceof Join || IN_PLACE.contains(plan.nodeName());
  }

  /** Whether the step computes with the time of the batch. */
  static boolean readsClock(LogicalPlan step) {
    return first(
            step,
            plan ->
                CollectionConverters.asJava(plan.expressions()).stream()
                    .anyMatch(part -> part.containsPattern(TreePattern.CURRENT_LIKE())))
        .isPresent();
  }

  private static Optional<LogicalPlan> first(LogicalPlan plan, Predicate<LogicalPlan> sought) {
    if (!plan.isStreaming() || AnalysisState.inputName(plan).isPresent()) {
      return Optional.empty();
    }
    if (sought.test(plan)) {
      return Optional.of(plan);
    }
    return CollectionConverters.asJava(plan.children()).stream()
        .flatMap(child -> first(child, sought).stream())
        .findFirst();
  }
}
