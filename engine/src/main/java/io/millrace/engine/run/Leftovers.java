package io.millrace.engine.run;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.spi.Failpoint;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Reject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rows of a batch that row sinks did not take: rejects, and those whose keys a sink had.
 *
 * @param forwarding takes rejects to the dead letters, if the job has any
 */
record Leftovers(Plan plan, Plan.Query query, Optional<Forwarding> forwarding) {
  private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);

  /** Sees to those of a batch that is visible in every row sink. */
  void settle(Map<String, Fence<?>> fences, long batch, Arrivals arrivals) {
    fences.forEach(
        (sink, fence) -> Sinks.named(sink, () -> leaveOut(sink, fence, batch, arrivals)));
    fences.forEach((sink, fence) -> tellExisting(sink, fence.existing(batch), batch, arrivals));
  }

  /**
   * Rejects are visible with their batch; the dead letters get them from where the sink keeps them.
   */
  private void leaveOut(String sink, Fence<?> fence, long batch, Arrivals arrivals) {
    List<Reject> rejects = fence.rejects(batch);
    if (rejects.isEmpty()) {
      return;
    }
    long count = rejects.size();
    arrivals.rejected(sink, count);
    LOG.warn(
        "Query {}, batch {}: sink {} left out {} rows for faults of their own, {}. One of them: {}",
        query.name(),
        batch,
        sink,
        count,
        forwarding.isPresent() ? "which are dead letters" : "which are dropped",
        rejects.get(0).reason());
    forwarding.ifPresent(
        target -> {
          Failpoint.FORWARDING.reached(sink);
          long given = target.forward(sink, batch, rejects);
          Failpoint.FORWARDED.reached(sink);
          fence.forwarded(batch);
          arrivals.forwarded(plan.deadLetters().orElseThrow().name(), count, given);
        });
  }

  private void tellExisting(String sink, long rows, long batch, Arrivals arrivals) {
    if (rows > 0) {
      arrivals.existing(sink, rows);
      LOG.info(
          "Query {}, batch {}: sink {} left {} rows as they were, whose keys came again",
          query.name(),
          batch,
          sink,
          rows);
    }
  }
}
