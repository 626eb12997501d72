package io.millrace.engine.run;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.physical.BroadcastMode;

/**
 * What joins of one query broadcast of its static tables: kept while the tables have the same rows
 * and each batch asks for it.
 */
final class TableBroadcasts implements AutoCloseable {
  private final Map<Side, Kept> all = new HashMap<>();

  private record Side(LogicalPlan plan, BroadcastMode mode) {}

  private record Kept(Side side, List<TableRows> rows, TableBroadcast broadcast, long batch) {}

  /**
   * The broadcast of one side of a join for the batch that this thread plans.
   *
   * @param plan what gives its rows, optimised
   * @param tables all that it reads
   */
  synchronized TableBroadcast of(
      SparkContext context, LogicalPlan plan, BroadcastMode mode, List<TableRelation> tables) {
    long batch = BatchNumber.of(context).orElseThrow();
    List<TableRows> rows = tables.stream().map(TableRelation::rows).toList();
    Side side = new Side(plan.canonicalized(), mode.canonicalized());
    close(kept -> kept.batch() < batch - 1);
    close(kept -> kept.side().equals(side) && !kept.rows().equals(rows));
    TableBroadcast broadcast =
        Optional.ofNullable(all.get(side))
            .map(Kept::broadcast)
            .orElseGet(() -> new TableBroadcast(plan, mode));
    all.put(side, new Kept(side, rows, broadcast, batch));
    return broadcast;
  }

  /** Closes those that no batch reads any more. */
  private void close(Predicate<Kept> over) {
    List<Kept> closed = all.values().stream().filter(over).toList();
    closed.forEach(kept -> kept.broadcast().close());
    all.values().removeAll(closed);
  }

  @Override
  public synchronized void close() {
    close(kept -> true);
  }
}
