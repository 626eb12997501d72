package io.millrace.engine.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.catalyst.analysis.StreamingJoinHelper;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.SessionWindow;
import org.apache.spark.sql.catalyst.expressions.TimeWindow;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.Deduplicate;
import org.apache.spark.sql.catalyst.plans.logical.DeduplicateWithinWatermark;
import org.apache.spark.sql.catalyst.plans.logical.Distinct;
import org.apache.spark.sql.catalyst.plans.logical.EventTimeWatermark;
import org.apache.spark.sql.catalyst.plans.logical.FlatMapGroupsWithState;
import org.apache.spark.sql.catalyst.plans.logical.GlobalLimit;
import org.apache.spark.sql.catalyst.plans.logical.Join;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.SubqueryAlias;
import org.apache.spark.sql.catalyst.plans.logical.SubqueryAlias$;
import org.apache.spark.sql.catalyst.plans.logical.TransformWithState;
import org.apache.spark.sql.catalyst.trees.TreeNodeTag;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;

/** What a resolved plan keeps from one batch to the next. */
final class AnalysisState {
  private static final TreeNodeTag<String> INPUT = new TreeNodeTag<>("millrace.input");

  private AnalysisState() {}

  /** The plan as the input of a step: what is below it is not the step's own. */
  static LogicalPlan input(String name, LogicalPlan plan) {
    SubqueryAlias input = SubqueryAlias$.MODULE$.apply(name, plan);
    input.setTagValue(INPUT, name);
    return input;
  }

  /** The name under which a plan is the input of a step, if it is one. */
  static Optional<String> inputName(LogicalPlan plan) {
    return Optional.ofNullable(plan.getTagValue(INPUT).getOrElse(() -> null));
  }

  /** The operators of a step's own that keep state, lowest first. */
  static List<LogicalPlan> stateful(LogicalPlan plan) {
    List<LogicalPlan> found = new ArrayList<>();
    collect(plan, found);
    return found;
  }

  private static void collect(LogicalPlan plan, List<LogicalPlan> found) {
    if (plan.getTagValue(INPUT).isDefined()) {
      return;
    }
    CollectionConverters.asJava(plan.children()).forEach(child -> collect(child, found));
    if (plan.isStreaming() && keeps(plan)) {
      found.add(plan);
    }
  }

  private static boolean keeps(LogicalPlan plan) {
    return plan instanceof Aggregate
        || plan instanceof Distinct
        || plan instanceof Deduplicate
        || plan instanceof DeduplicateWithinWatermark
        || plan instanceof GlobalLimit
        || plan instanceof FlatMapGroupsWithState
        || plan instanceof TransformWithState
        || (plan instanceof Join join && streams(join));
  }

  private static boolean streams(Join join) {
    return join.left().isStreaming() && join.right().isStreaming();
  }

  /** The names of the columns that carry a watermark. */
  static List<String> watermarks(LogicalPlan plan) {
    return CollectionConverters.asJava(plan.output()).stream()
        .filter(AnalysisState::marked)
        .map(NamedExpression::name)
        .toList();
  }

  private static boolean marked(Attribute column) {
    return column.metadata().contains(EventTimeWatermark.delayKey());
  }

  /** Why the state of an operator grows without bound. */
  enum Growth {
    /** No window ever closes. */
    WINDOW,
    /** No group is ever finished. */
    GROUPS,
    /** No key is ever forgotten. */
    KEYS,
    /** A row waits for its partner for ever. */
    JOIN
  }

  /** Why the state of an operator grows without bound, if it does. */
  static Optional<Growth> growth(LogicalPlan operator) {
    if (operator instanceof Aggregate aggregate) {
      return growth(aggregate);
    }
    if (operator instanceof Distinct distinct) {
      return anyMarked(distinct.output()) ? Optional.empty() : Optional.of(Growth.KEYS);
    }
    if (operator instanceof Deduplicate deduplicate) {
      return anyMarked(deduplicate.keys()) ? Optional.empty() : Optional.of(Growth.KEYS);
    }
    if (operator instanceof Join join) {
      return bounded(join) ? Optional.empty() : Optional.of(Growth.JOIN);
    }
    return Optional.empty();
  }

  private static Optional<Growth> growth(Aggregate aggregate) {
    List<Expression> keys = CollectionConverters.asJava(aggregate.groupingExpressions());
    if (keys.isEmpty() || keys.stream().anyMatch(AnalysisState::marked)) {
      return Optional.empty();
    }
    return Optional.of(
        keys.stream().anyMatch(AnalysisState::window) ? Growth.WINDOW : Growth.GROUPS);
  }

  private static boolean marked(Expression key) {
    return key.exists(part -> part instanceof Attribute column && marked(column));
  }

  private static boolean window(Expression key) {
    return key.exists(
        part ->
            part instanceof Attribute column
                && (column.metadata().contains(TimeWindow.marker())
                    || column.metadata().contains(SessionWindow.marker())));
  }

  private static boolean anyMarked(scala.collection.Seq<Attribute> columns) {
    return CollectionConverters.asJava(columns).stream().anyMatch(AnalysisState::marked);
  }

  private static boolean bounded(Join join) {
    return StreamingJoinHelper.isWatermarkInJoinKeys(join)
        || (forgets(join.left(), join.right(), join) && forgets(join.right(), join.left(), join));
  }

  private static boolean forgets(LogicalPlan side, LogicalPlan other, Join join) {
    return StreamingJoinHelper.getStateValueWatermark(
            side.outputSet(),
            other.outputSet(),
            join.condition(),
            Option.apply((Object) 1_000_000L))
        .isDefined();
  }
}
