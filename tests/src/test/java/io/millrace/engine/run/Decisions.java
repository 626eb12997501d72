package io.millrace.engine.run;

import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Receipt;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.stream.Collectors;

/** What the launcher decides without Spark, for a simulation of all that is around it. */
public final class Decisions {
  private Decisions() {}

  /**
   * What a start finds.
   *
   * @param discords what does not fit, by the name of the sink
   * @param since what to keep for the next start
   */
  public record Verdict(Map<String, String> discords, Map<String, Long> since) {}

  /**
   * Whether the checkpoint and what its sinks remember fit.
   *
   * @param before the last batch begun, and the last one done, before the sinks were asked
   * @param begun the last batch begun behind that
   * @param offsets where the sources stood at the end of a batch
   */
  public static Verdict fit(
      long[] before,
      long begun,
      UUID id,
      Map<String, Optional<Held>> held,
      Map<String, Long> since,
      LongFunction<Optional<String>> offsets) {
    Progress progress = new Progress(before[0], before[1]).begun(begun);
    Fit fit = Fit.of(progress, id, held, new Joined(since), offsets);
    return new Verdict(
        fit.discords().entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, sink -> sink.getValue().name())),
        fit.joined().since());
  }

  /**
   * Holds the sinks, when they have got ready, against the checkpoint.
   *
   * @param offsets where the sources stood at the end of a batch
   */
  public static void failIfMoved(
      Map<String, Fence<?>> fences,
      long begun,
      long done,
      Map<String, Long> since,
      LongFunction<Optional<String>> offsets) {
    new Round(fences, since, begun).failIfMoved(new Progress(begun, done), offsets);
  }

  /**
   * A batch on its way through the row sinks of a query.
   *
   * @param deliver the receipts of the tasks, by sink, for those sinks that lack the batch
   */
  public static void round(
      Map<String, Fence<?>> fences,
      Map<String, Long> since,
      long begun,
      long batch,
      Function<List<String>, Map<String, List<Receipt>>> deliver) {
    new Round(fences, since, begun)
        .run(batch, new Gathering(), new Arrivals(), lacking -> deliveries(deliver.apply(lacking)));
  }

  private static List<TaskOutput.Delivery> deliveries(Map<String, List<Receipt>> receipts) {
    List<TaskOutput.Delivery> deliveries = new ArrayList<>();
    receipts.forEach(
        (sink, each) ->
            each.forEach(
                receipt ->
                    deliveries.add(new TaskOutput.Delivery(sink, 0, receipt.rows(), 0, receipt))));
    return deliveries;
  }
}
