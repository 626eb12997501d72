package io.millrace.engine.run;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.SparkContext;

/**
 * The core slots of a job's queries in real time. A task stays at each partition until its batch
 * ends, so a partition without a slot would not be read at all.
 */
final class Slots {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration LOOK = Duration.ofMillis(100);
  private static final String DYNAMIC = "spark.dynamicAllocation.enabled";

  private final SparkContext context;
  private final int others;
  private final Map<String, Integer> taken = new LinkedHashMap<>();

  /**
   * Slots of a job.
   *
   * @param others how many its other queries need at least
   */
  Slots(SparkContext context, int others) {
    this.context = context;
    this.others = others;
  }

  /**
   * Takes slots for a batch, in place of those that the query had.
   *
   * @throws IllegalStateException with a sentence, if there are not enough
   */
  synchronized void take(String query, int partitions) {
    if (context.conf().getBoolean(DYNAMIC, false)) {
      throw new IllegalStateException(
          "Cannot run in real time with "
              + DYNAMIC
              + ": nobody knows how many slots there will be. Start Spark with a number of executors");
    }
    taken.put(query, partitions);
    int needed = others + taken.values().stream().mapToInt(Integer::intValue).sum();
    int there = await(needed);
    if (there < needed) {
      throw new IllegalStateException(
          "Needs %d core slots in real time, one for each partition%s, and Spark has %d. What has no slot would not be read. Start Spark with --master local[%d], or on a cluster with as many cores; partitions: %s"
              .formatted(
                  needed,
                  others == 0 ? "" : " and %d for other queries".formatted(others),
                  there,
                  needed,
                  taken.entrySet().stream()
                      .map(each -> each.getValue() + " of query " + each.getKey())
                      .collect(Collectors.joining(", "))));
    }
  }

  /** Executors of a cluster may still be on their way. */
  private int await(int needed) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    int there = there();
    try {
      while (there < needed && !context.isLocal() && System.nanoTime() < end) {
        Thread.sleep(LOOK.toMillis());
        there = there();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return there;
  }

  private int there() {
    return context.maxNumConcurrentTasks(context.resourceProfileManager().defaultResourceProfile());
  }
}
