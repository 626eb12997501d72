package io.millrace.engine.run;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.plan.PlanRecord;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Origin;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import org.apache.spark.sql.SparkSession;

/** Tells sinks what their batches come from, and holds one that comes again against that. */
final class Origins {
  private final SparkSession spark;
  private final UUID queryId;
  private final String plan;

  Origins(SparkSession spark, Plan plan, UUID queryId) {
    this.spark = spark;
    this.queryId = queryId;
    this.plan = PlanRecord.digest(plan);
  }

  /** That of a batch for a sink that reads the rows itself. */
  Optional<Origin> of(long batch) {
    return Optional.of(Catalyst.offsets(spark, queryId, batch))
        .filter(offsets -> !offsets.isEmpty())
        .map(offsets -> new Origin(offsets, plan, Optional.empty()));
  }

  /** Tells each sink that lacks a batch. */
  void note(
      Map<String, Fence<?>> fences,
      List<String> lacking,
      long batch,
      List<TaskOutput.Delivery> deliveries) {
    String offsets = Catalyst.offsets(spark, queryId, batch);
    fences.forEach(
        (sink, fence) -> {
          if (lacking.contains(sink)) {
            Sinks.named(
                sink,
                () -> fence.note(new Origin(offsets, plan, Optional.of(digest(deliveries, sink)))));
          }
        });
  }

  /**
   * Stops where a sink has a batch with other rows than those that other sinks would get now. A
   * changed job may give other rows.
   *
   * @param repeats whether a sink gets the same rows when a batch comes again
   */
  void failIfOther(
      Map<String, Fence<?>> fences,
      List<String> lacking,
      long batch,
      List<TaskOutput.Delivery> deliveries,
      Predicate<String> repeats) {
    fences.forEach(
        (sink, fence) -> {
          if (!lacking.isEmpty() && !lacking.contains(sink) && repeats.test(sink)) {
            Sinks.named(sink, () -> failIfOther(fence, batch, digest(deliveries, sink)));
          }
        });
  }

  private void failIfOther(Fence<?> fence, long batch, long digest) {
    Optional<Long> before =
        fence.noted(batch).filter(origin -> origin.plan().equals(plan)).flatMap(Origin::digest);
    if (before.isPresent() && before.get() != digest) {
      throw new IllegalStateException(
          "Cannot write batch %d to the other sinks: it came again with other rows than this sink has of it. Look for what is not the same twice: chance, the clock, or a table or file that has changed since"
              .formatted(batch));
    }
  }

  private static long digest(List<TaskOutput.Delivery> deliveries, String sink) {
    return deliveries.stream()
        .filter(delivery -> delivery.sink().equals(sink))
        .mapToLong(TaskOutput.Delivery::digest)
        .sum();
  }
}
