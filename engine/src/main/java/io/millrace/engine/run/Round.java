package io.millrace.engine.run;

import io.millrace.engine.spi.Failpoint;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Fencing;
import io.millrace.engine.spi.Receipt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongFunction;

/**
 * The fences of a query's sinks and what this start has of its batches. Of a batch on its way
 * through the row sinks, those that lack it begin, get their rows together, and commit one after
 * another.
 *
 * @param fences by the names of the sinks
 * @param since the last commit of the checkpoint when each sink joined, by the same names
 * @param begun the last batch that was begun before this start: a later one is nowhere yet
 */
record Round(Map<String, ? extends Fencing> fences, Map<String, Long> since, long begun) {

  /** The same for a batch that comes again in this start, which has begun it. */
  Round again(long batch) {
    return new Round(fences, since, Math.max(begun, batch));
  }

  /** The fences of row sinks. */
  Map<String, Fence<?>> rows() {
    return Fences.ofRows(fences);
  }

  /** Whether a sink takes its rows in one task. */
  boolean gathers(String sink) {
    return fences.get(sink) instanceof Fence<?> fence && fence.gathers();
  }

  /**
   * Holds the sinks against the checkpoint once more, when they have got ready and no one else can
   * write to them: someone may have come in between.
   *
   * @param offsets where the sources stood at the end of a batch, as far as the checkpoint knows
   */
  void failIfMoved(Progress now, LongFunction<Optional<String>> offsets) {
    fences.forEach(
        (sink, fence) -> Sinks.named(sink, () -> failIfMoved(now, offsets, sink, fence)));
  }

  private void failIfMoved(
      Progress now, LongFunction<Optional<String>> offsets, String sink, Fencing fence) {
    long last = fence.last();
    Optional<Discord> discord =
        Discord.of(now, last, joined(sink))
            .or(() -> Discord.rows(last, fence.noted(last), offsets));
    if (discord.isPresent()) {
      throw new IllegalStateException(
          "Cannot start: a moment ago the sink %s. It has batches up to %d, the checkpoint has begun batches up to %d and done those up to %d. If another start of this job is at work, end that one; then start this one again, which tells more"
              .formatted(told(discord.get(), last), last, now.offsets(), now.settled()));
    }
  }

  private static String told(Discord discord, long last) {
    return switch (discord) {
      case SINK_BEHIND -> "went back in time";
      case OTHER_ROWS -> "got other rows of batch %d than the checkpoint has".formatted(last);
      default -> "was written to";
    };
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
      rows()
          .forEach(
              (sink, fence) -> {
                if (Sinks.named(sink, () -> lacks(sink, batch))) {
                  open.add(sink);
                  Sinks.named(sink, () -> fence.begin(batch));
                  Failpoint.BEGUN.reached(sink);
                }
              });
      List<TaskOutput.Delivery> deliveries = deliver.apply(List.copyOf(open));
      for (String sink : List.copyOf(open)) {
        List<Receipt> told = receipts(deliveries, sink);
        long rows = arrived(deliveries, sink);
        Failpoint.TASKS_DONE.reached(sink);
        List<Receipt> receipts = Sinks.named(sink, () -> commit(sink, batch, told, gathering));
        open.remove(sink);
        Failpoint.SINK_DONE.reached(sink);
        arrivals.written(sink, rows, receipts.stream().mapToLong(Receipt::rows).sum());
      }
      rows().keySet().forEach(sink -> arrivals.there(sink, arrived(deliveries, sink)));
    } catch (Throwable e) {
      // Scala throws checked exceptions, such as that of a failed task, without declaring them.
      abort(open, batch, e);
      throw e;
    }
  }

  /**
   * Whether a sink lacks a batch. One that no start has begun before can be there only by someone
   * else, with other rows; and only a sink that was put back lacks the one before it too.
   */
  boolean lacks(String sink, long batch) {
    long last = Objects.requireNonNull(fences.get(sink), sink).last();
    Progress before = new Progress(batch, batch - 1);
    if (Discord.of(before, last, joined(sink)).equals(Optional.of(Discord.SINK_BEHIND))) {
      throw new IllegalStateException(
          "Cannot write batch %d: the sink went back in time. It has batches up to %d, and had those up to %d. Start the job again, which tells what is missing"
              .formatted(batch, last, batch - 1));
    }
    if (last >= batch && batch > begun) {
      throw new IllegalStateException(
          "Cannot write batch %d: batch %d is there already, and this start has only now begun batch %d. Another start of this job, on another copy of the checkpoint, wrote it. End that one, and start this one again"
              .formatted(batch, last, batch));
    }
    return last < batch;
  }

  /** How long each sink waited for connections in a batch, where it knows. */
  Map<String, Duration> waited(long batch) {
    Map<String, Duration> waited = new LinkedHashMap<>();
    rows().forEach((sink, fence) -> fence.waited(batch).ifPresent(time -> waited.put(sink, time)));
    return waited;
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

  private Optional<Long> joined(String sink) {
    return Optional.ofNullable(since.get(sink));
  }

  private Fence<?> fence(String sink) {
    return (Fence<?>) Objects.requireNonNull(fences.get(sink), sink);
  }
}
