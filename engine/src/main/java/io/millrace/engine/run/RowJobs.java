package io.millrace.engine.run;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.spi.RowSink;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The Spark jobs of a batch that hand its rows to the row sinks: one for all branches that run
 * inside it, and one for each other branch.
 */
record RowJobs(Identities who, Trunk trunk, BranchFrames frames) {

  /**
   * Runs them.
   *
   * @param open the sinks that lack the batch; of the others the rows are only counted
   * @param gathering gets the rows of those that take them in one task
   * @return what the tasks did; -1 rows where no job read all
   */
  RowJob.Done run(MicroBatch batch, Round round, List<String> open, Gathering gathering) {
    Predicate<Branch> gathered =
        branch -> round.gathers(branch.output().name()) && open.contains(branch.output().name());
    List<TaskOutput> together =
        trunk.inTask().stream()
            .filter(gathered.negate())
            .map(branch -> output(branch.output(), batch, branch.path().orElseThrow(), open))
            .toList();
    List<TaskOutput.Delivery> deliveries = new ArrayList<>();
    long read = -1;
    if (!together.isEmpty()) {
      RowJob.Done done = RowJob.run(batch.kept(), together);
      deliveries.addAll(done.deliveries());
      read = done.rows();
    }
    for (Branch branch : trunk.branches()) {
      if (gathered.test(branch) || alone(branch)) {
        Dataset<Row> rows = frames.of(branch, batch.kept());
        TaskOutput output = output(branch.output(), batch, RowPath.straight(rows), open);
        deliveries.addAll(
            gathered.test(branch)
                ? gathering.keep(output, rows)
                : RowJob.run(rows, List.of(output)).deliveries());
      }
    }
    return new RowJob.Done(deliveries, read);
  }

  private boolean alone(Branch branch) {
    return trunk.kept().contains(branch) && branch.output().sink() instanceof RowSink;
  }

  private TaskOutput output(Plan.Output to, MicroBatch batch, RowPath path, List<String> open) {
    TaskOutput output = TaskOutput.of(to, who.of(to), batch.id(), path);
    return open.contains(output.sink()) ? output : output.counting();
  }
}
