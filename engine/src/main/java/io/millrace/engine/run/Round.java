package io.millrace.engine.run;

import io.millrace.engine.spi.Failpoint;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Receipt;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * A batch on its way through the row sinks of a query: those that lack it begin, get their rows
 * together, and commit one after another.
 *
 * @param begun the last batch that was begun before this start: a later one is nowhere yet
 */
record Round(Map<String, Fence<?>> fences, long begun) {

  /**
   * Holds the sinks against the checkpoint once more, when they have got ready and no one else can
   * write to them: someone may have come in between.
   *
   * @param since the last commit of the checkpoint when each sink joined
   */
  void failIfMoved(Progress now, Map<String, Long> since) {
    fences.forEach(
        (sink, fence) ->
            BatchLoop.named(
                sink, () -> failIfMoved(now, fence.last(), Optional.ofNullable(since.get(sink)))));
  }

  /**
   * The same for one sink.
   *
   * @param last its last batch
   * @param since the last commit of the checkpoint when it joined
   */
  static void failIfMoved(Progress now, long last, Optional<Long> since) {
    Optional<Discord> discord = Discord.of(now, last, since);
    if (discord.isPresent()) {
      throw new IllegalStateException(
          "Cannot start: a moment ago the sink %s. It has batches up to %d, the checkpoint has begun batches up to %d and done those up to %d. If another start of this job is at work, end that one; then start this one again, which tells more"
              .formatted(
                  discord.get() == Discord.SINK_BEHIND ? "went back in time" : "was written to",
                  last,
                  now.offsets(),
                  now.settled()));
    }
  }

  /**
   * Runs a batch.
   *
   * @param deliver hands the rows to the sinks of these names, and returns what their tasks said
   * @param gathering has the rows of those that take them in one task
   * @param arrivals is told what each sink got
   */
  void run(
      long batch,
      Gathering gathering,
      Arrivals arrivals,
      Function<List<String>, List<TaskOutput.Delivery>> deliver) {
    List<String> open = new ArrayList<>();
    try {
      for (Map.Entry<String, Fence<?>> fence : fences.entrySet()) {
        if (BatchLoop.named(fence.getKey(), () -> lacks(fence.getValue().last(), batch, begun))) {
          open.add(fence.getKey());
          BatchLoop.named(fence.getKey(), () -> fence.getValue().begin(batch));
          Failpoint.BEGUN.reached(fence.getKey());
        }
      }
      List<TaskOutput.Delivery> deliveries = deliver.apply(List.copyOf(open));
      for (String sink : List.copyOf(open)) {
        List<Receipt> told = receipts(deliveries, sink);
        long rows = arrived(deliveries, sink);
        Failpoint.TASKS_DONE.reached(sink);
        List<Receipt> receipts = BatchLoop.named(sink, () -> commit(sink, batch, told, gathering));
        open.remove(sink);
        Failpoint.SINK_DONE.reached(sink);
        arrivals.written(sink, rows, receipts.stream().mapToLong(Receipt::rows).sum());
      }
      fences.keySet().forEach(sink -> arrivals.there(sink, arrived(deliveries, sink)));
    } catch (Throwable e) {
      // Scala throws checked exceptions, such as that of a failed task, without declaring them.
      abort(open, batch, e);
      throw e;
    }
  }

  /**
   * Whether a sink lacks a batch. One that no start has begun before can be there only by someone
   * else, with other rows.
   *
   * @param last the sink's last batch
   * @param begun the last batch that was begun before this start
   */
  static boolean lacks(long last, long batch, long begun) {
    if (last >= batch && batch > begun) {
      throw new IllegalStateException(
          "Cannot write batch %d: batch %d is there already, and this start has only now begun batch %d. Another start of this job, on another copy of the checkpoint, wrote it. End that one, and start this one again"
              .formatted(batch, last, batch));
    }
    return last < batch;
  }

  private static long arrived(List<TaskOutput.Delivery> deliveries, String sink) {
    return deliveries.stream()
        .filter(delivery -> delivery.sink().equals(sink))
        .mapToLong(TaskOutput.Delivery::arrived)
        .sum();
  }

  private static List<Receipt> receipts(List<TaskOutput.Delivery> deliveries, String sink) {
    return deliveries.stream()
        .filter(delivery -> delivery.sink().equals(sink))
        .map(TaskOutput.Delivery::receipt)
        .toList();
  }

  /** The receipts are the sink's own: they come from its writers. */
  @SuppressWarnings("unchecked")
  private List<Receipt> commit(
      String sink, long batch, List<Receipt> receipts, Gathering gathering) {
    Fence<Receipt> fence = (Fence<Receipt>) fence(sink);
    if (fence.gathers()) {
      return List.of(fence.gather(batch, gathering.rows(sink)));
    }
    fence.commit(batch, receipts);
    return receipts;
  }

  private void abort(List<String> open, long batch, Throwable failure) {
    open.forEach(sink -> abort(fence(sink), batch, failure));
  }

  /** Gives up a batch for a failure, which alone is thrown. */
  static void abort(Fence<?> fence, long batch, Throwable failure) {
    try {
      fence.abort(batch);
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  private Fence<?> fence(String sink) {
    return Objects.requireNonNull(fences.get(sink), sink);
  }
}
