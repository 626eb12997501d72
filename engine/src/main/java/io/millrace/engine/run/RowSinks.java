package io.millrace.engine.run;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.spi.Fence;
import java.util.List;
import java.util.Map;

/**
 * The row sinks of a query: they get the rows of a batch together, and commit one after another.
 *
 * @param letters the limit of dead letters
 */
record RowSinks(
    Plan plan,
    RowJobs jobs,
    LetterLimit letters,
    Origins origins,
    Provenance provenance,
    Leftovers leftovers,
    Patience patience) {

  /**
   * Writes a batch to those that lack it. Tries again where a sink's system is away for a while and
   * no row can arrive twice by that: what a sink has of the batch then, this start has written, as
   * another one would have fenced it.
   *
   * @throws InterruptedException if the query is stopped while it waits for a sink
   */
  void write(MicroBatch batch, Round round) throws InterruptedException {
    patience.run(batch.id(), before -> once(batch, before == 0 ? round : round.again(batch.id())));
  }

  private void once(MicroBatch batch, Round round) {
    try (Gathering gathering = new Gathering()) {
      round.run(
          batch.id(),
          gathering,
          batch.arrivals(),
          lacking -> deliverWithin(batch, round, lacking, gathering));
      leftovers.settle(round.rows(), batch.id(), batch.arrivals());
    }
  }

  /** Stops before anything of the batch is visible if too much of it is refused. */
  private List<TaskOutput.Delivery> deliverWithin(
      MicroBatch batch, Round round, List<String> open, Gathering gathering) {
    RowJob.Done done = jobs.run(batch, round, open, gathering);
    Map<String, Fence<?>> fences = round.rows();
    String target = plan.deadLetters().map(Plan.Output::name).orElse("");
    long dead =
        done.deliveries().stream()
            .filter(delivery -> delivery.sink().equals(target) && open.contains(target))
            .mapToLong(TaskOutput.Delivery::arrived)
            .sum();
    letters.check(batch.id(), dead, done.rows());
    origins.failIfOther(fences, open, batch.id(), done.deliveries(), sink -> !sink.equals(target));
    origins.note(fences, open, batch.id(), done.deliveries());
    provenance.tell(fences, open, batch.rows(), done.deliveries());
    return done.deliveries();
  }
}
