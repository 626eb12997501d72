package io.millrace.engine.run;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.spi.Causes;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Passing;
import io.millrace.engine.spi.RowSink;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * For how long work on a batch is done again while the system of a sink is away.
 *
 * @param sinks those that want that at all, by name
 * @param stopping whether the job is to stop, which ends it
 */
record Patience(String query, Map<String, Duration> sinks, BooleanSupplier stopping) {

  /** For work that may be done any number of times. */
  static Patience ofSinks(Plan.Query query, Trunk trunk, BooleanSupplier stopping) {
    Map<String, Duration> sinks = new LinkedHashMap<>();
    for (Plan.Output output : outputs(trunk)) {
      if (output.sink() instanceof RowSink<?> sink && !sink.patience().isZero()) {
        sinks.put(output.name(), sink.patience());
      }
    }
    return new Patience(query.name(), sinks, stopping);
  }

  /** For rows: none, unless each row sink knows what it has of a batch. */
  static Patience ofRows(Plan.Query query, Trunk trunk, BooleanSupplier stopping) {
    return exact(trunk)
        ? ofSinks(query, trunk, stopping)
        : new Patience(query.name(), Map.of(), stopping);
  }

  private static boolean exact(Trunk trunk) {
    return outputs(trunk).stream()
        .filter(output -> output.sink() instanceof RowSink)
        .allMatch(
            output -> output.sink().guarantee(output.how()).compareTo(Guarantee.AT_LEAST_ONCE) < 0);
  }

  private static List<Plan.Output> outputs(Trunk trunk) {
    return trunk.branches().stream().map(Branch::output).toList();
  }

  /** Work that may be done again. */
  interface Work {
    /**
     * Does it.
     *
     * @param before how often it was tried
     */
    void run(int before);
  }

  /**
   * Does work on a batch until it is done, or a failure of it is none that passes in time: that
   * failure is thrown.
   *
   * @throws InterruptedException if the query is stopped while it waits
   */
  void run(long batch, Work work) throws InterruptedException {
    Retries retries = new Retries(query, batch, stopping);
    for (int before = 0; ; before++) {
      try {
        work.run(before);
        retries.done();
        return;
      } catch (Throwable e) {
        // Scala throws checked exceptions, such as that of a failed task, without declaring them.
        Optional<String> away = away(e);
        if (away.isEmpty()) {
          throw e;
        }
        Duration patience = Objects.requireNonNull(sinks.get(away.get()));
        if (!retries.again(away.get(), e, patience)) {
          throw retries.over(away.get(), e);
        }
      }
    }
  }

  /** The sink whose system failed in a way that may pass, if it wants to be tried again. */
  private Optional<String> away(Throwable failure) {
    return Causes.find(failure, SinkFailedException.class)
        .filter(Passing::in)
        .map(SinkFailedException::sink)
        .filter(sinks::containsKey);
  }
}
