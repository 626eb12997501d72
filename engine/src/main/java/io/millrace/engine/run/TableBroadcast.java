package io.millrace.engine.run;

import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.physical.BroadcastMode;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.execution.QueryExecution;
import org.apache.spark.sql.execution.exchange.BroadcastExchangeExec;
import org.jspecify.annotations.Nullable;

/** A side of a join, on its way to all tasks that join with it or there already. */
final class TableBroadcast implements AutoCloseable {
  private final LogicalPlan plan;
  private final BroadcastMode mode;
  private @Nullable Made made;

  /**
   * What there is once it was made.
   *
   * @param value it once more: each batch asks the driver for it, where else nothing would hold it
   */
  record Made(Broadcast<Object> broadcast, Object value) {}

  /**
   * A side that is worked out when it is first joined.
   *
   * @param plan what gives its rows, optimised
   */
  TableBroadcast(LogicalPlan plan, BroadcastMode mode) {
    this.plan = plan;
    this.mode = mode;
  }

  /** It, for joins by a session. */
  synchronized Broadcast<Object> of(SparkSession spark) {
    Made known = made;
    if (known == null) {
      Broadcast<Object> broadcast =
          new BroadcastExchangeExec(mode, QueryExecution.prepareExecutedPlan(spark, plan))
              .executeBroadcast();
      known = new Made(broadcast, broadcast.value());
      made = known;
    }
    return known.broadcast();
  }

  @Override
  public synchronized void close() {
    if (made != null) {
      made.broadcast().destroy();
      made = null;
    }
  }
}
