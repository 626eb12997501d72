package io.millrace.engine.run;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.BatchFence;
import io.millrace.engine.spi.Failpoint;
import io.millrace.engine.spi.Ledgered;
import io.millrace.engine.spi.RowSink;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** The batch sinks of a query: each gets all its branches as one frame, one sink after another. */
record BatchSinks(Identities who, Trunk trunk, BranchFrames frames, Origins origins) {

  /** Writes a batch to some of them. */
  void write(MicroBatch batch, Round round, Predicate<Plan.Output> which) {
    Map<String, List<Branch>> sinks =
        trunk.kept().stream()
            .filter(branch -> !(branch.output().sink() instanceof RowSink))
            .filter(branch -> which.test(branch.output()))
            .collect(
                Collectors.groupingBy(
                    branch -> branch.output().name(), LinkedHashMap::new, Collectors.toList()));
    sinks.values().forEach(branches -> write(batch, round, branches));
  }

  private void write(MicroBatch batch, Round round, List<Branch> branches) {
    Plan.Output output = branches.get(0).output();
    String name = output.name();
    Dataset<Row> rows =
        branches.stream()
            .map(branch -> frames.of(branch, batch.kept()))
            .reduce(Dataset::unionByName)
            .orElseThrow();
    Counting counting = new Counting(rows);
    Batch frame =
        new Batch(
            who.of(output), output.how(), batch.id(), counting.rows(), origins.of(batch.id()));
    Failpoint.BEGUN.reached(name);
    Sinks.named(name, () -> write(output, frame, round));
    Failpoint.SINK_DONE.reached(name);
    boolean there = output.sink() instanceof Ledgered && !counting.complete();
    if (there) {
      RowJob.run(counting.rows(), List.of());
      batch.arrivals().there(name, counting.count());
    } else {
      batch.arrivals().written(name, counting.count(), counting.count());
    }
  }

  private static void write(Plan.Output output, Batch batch, Round round) {
    if (!(round.fences().get(output.name()) instanceof BatchFence fence)) {
      Sinks.batched(output).write(batch);
    } else if (round.lacks(output.name(), batch.id())) {
      fence.write(batch);
    }
  }
}
