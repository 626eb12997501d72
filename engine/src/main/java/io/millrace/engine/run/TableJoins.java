package io.millrace.engine.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.catalyst.plans.logical.Join;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.physical.BroadcastDistribution;
import org.apache.spark.sql.catalyst.plans.physical.BroadcastMode;
import org.apache.spark.sql.catalyst.plans.physical.Distribution;
import org.apache.spark.sql.catalyst.trees.TreePattern;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.execution.PlanLater;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.SparkStrategy;
import org.apache.spark.sql.execution.datasources.LogicalRelation;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Joins with static tables: where Spark would broadcast a side in each batch, and that side reads
 * nothing but static tables, its broadcast lives as long as their rows do. Which join it is, and
 * what it means, is left to Spark.
 */
final class TableJoins extends SparkStrategy {
  private final SparkSession spark;

  private TableJoins(SparkSession spark) {
    this.spark = spark;
  }

  /** Lets a session, and those that are cloned of it from now on, plan such joins. */
  static void in(org.apache.spark.sql.SparkSession session) {
    SparkSession spark = (SparkSession) session;
    List<SparkStrategy> all =
        new ArrayList<>(CollectionConverters.asJava(spark.experimental().extraStrategies()));
    if (all.stream().noneMatch(TableJoins.class::isInstance)) {
      all.add(new TableJoins(spark));
      spark.experimental().extraStrategies_$eq(seq(all));
    }
  }

  @Override
  public Seq<SparkPlan> apply(LogicalPlan plan) {
    if (!(plan instanceof Join join)
        || (tables(join.left()).isEmpty() && tables(join.right()).isEmpty())) {
      return seq(List.of());
    }
    List<SparkPlan> kept = new ArrayList<>();
    for (SparkPlan planned :
        CollectionConverters.asJava(spark.sessionState().planner().JoinSelection().apply(join))) {
      kept(planned).ifPresent(kept::add);
    }
    return seq(kept);
  }

  /** The same join with a broadcast that lives on; empty if it has none of static tables. */
  private Optional<SparkPlan> kept(SparkPlan join) {
    List<SparkPlan> sides = new ArrayList<>(CollectionConverters.asJava(join.children()));
    List<Distribution> wanted = CollectionConverters.asJava(join.requiredChildDistribution());
    for (int i = 0; i < sides.size(); i++) {
      if (wanted.get(i) instanceof BroadcastDistribution broadcast
          && sides.get(i) instanceof PlanLater later) {
        Optional<SparkPlan> kept = kept(later.plan(), broadcast.mode());
        if (kept.isPresent()) {
          sides.set(i, kept.get());
          return Optional.of(join.withNewChildren(seq(sides)));
        }
      }
    }
    return Optional.empty();
  }

  private Optional<SparkPlan> kept(LogicalPlan side, BroadcastMode mode) {
    return tables(side)
        .map(
            tables -> {
              TableBroadcast kept =
                  tables.get(0).broadcasts().of(spark.sparkContext(), side, mode, tables);
              SparkPlan plan = new KeptBroadcastExec(side.output(), mode, kept);
              plan.setLogicalLink(side);
              return plan;
            });
  }

  /** The static tables that a plan reads; empty if it gives other rows for other reasons too. */
  private static Optional<List<TableRelation>> tables(LogicalPlan plan) {
    if (!plan.deterministic() || plan.containsPattern(TreePattern.PLAN_EXPRESSION())) {
      return Optional.empty();
    }
    List<TableRelation> tables = new ArrayList<>();
    for (LogicalPlan leaf : CollectionConverters.asJava(plan.collectLeaves())) {
      if (!(leaf instanceof LogicalRelation read)
          || !(read.relation() instanceof TableRelation table)) {
        return Optional.empty();
      }
      tables.add(table);
    }
    return Optional.of(tables);
  }

  private static <T> Seq<T> seq(List<T> items) {
    return CollectionConverters.asScala(items).toList();
  }
}
