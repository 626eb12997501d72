package io.millrace.engine.run;

import io.millrace.engine.plan.Graph;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.BatchFence;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Fencing;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Ledgered;
import io.millrace.engine.spi.Receipt;
import io.millrace.engine.spi.Reject;
import io.millrace.engine.spi.SourceRecord;
import java.sql.Timestamp;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;

/**
 * Takes the rows that the sinks of a query left out to the dead letters. There each sink is a
 * writer of its own, under the numbers of its batches: what is forwarded twice arrives once, as far
 * as the target of the dead letters remembers batches.
 */
final class Forwarding implements AutoCloseable {
  private final Identities identities;
  private final Plan.Output target;
  private final SparkSession spark;
  private final Map<String, Fencing> fences = new LinkedHashMap<>();

  Forwarding(Identities identities, Plan.Output target, SparkSession spark) {
    this.identities = identities;
    this.target = target;
    this.spark = spark;
  }

  /**
   * Writes what a sink left out of a batch, unless the target has that already.
   *
   * @return how many rows are new there
   */
  long forward(String sink, long batch, List<Reject> rejects) {
    Identity who = identities.ofRejects(target, sink);
    Dataset<Row> letters = letters(sink, batch, rejects);
    Fencing fence = fence(who).orElse(null);
    if (fence != null && fence.last() >= batch) {
      return 0;
    }
    Batch frame = new Batch(who, target.how(), batch, letters);
    if (fence instanceof Fence<?> rows) {
      write(rows, who, batch, letters);
    } else if (fence instanceof BatchFence frames) {
      frames.write(frame);
    } else {
      Sinks.batched(target).write(frame);
    }
    return rejects.size();
  }

  private Dataset<Row> letters(String sink, long batch, List<Reject> rejects) {
    Optional<String> source = source(identities.plan().output(sink).from());
    List<Row> rows =
        rejects.stream()
            .map(
                reject ->
                    RowFactory.create(
                        identities.plan().job(),
                        identities.query().name(),
                        batch,
                        Timestamp.from(reject.time()),
                        source.orElse(null),
                        sink,
                        reject.rule(),
                        reject.reason(),
                        from(reject).coordinates(),
                        from(reject).key(),
                        from(reject).raw(),
                        reject.attempt().toString(),
                        reject.row()))
            .toList();
    return spark.createDataFrame(rows, Letters.SCHEMA).coalesce(1);
  }

  private static SourceRecord from(Reject reject) {
    SourceRecord from = reject.from();
    return from == null ? new SourceRecord(null, null, null) : from;
  }

  /** The one stream that all rows of a node come from, if it is one. */
  private Optional<String> source(String node) {
    Plan plan = identities.plan();
    Graph graph = new Graph(plan.inputs(), plan.stages());
    List<String> sources =
        graph.upstream(node).stream()
            .filter(name -> graph.input(name).isPresent() && graph.streams(name))
            .toList();
    return sources.size() == 1 ? Optional.of(sources.get(0)) : Optional.empty();
  }

  private <R extends Receipt> void write(
      Fence<R> fence, Identity who, long batch, Dataset<Row> letters) {
    fence.begin(batch);
    try {
      TaskOutput output = TaskOutput.of(target, who, batch, RowPath.straight(letters));
      if (fence.gathers()) {
        gather(fence, batch, output, letters);
      } else {
        fence.commit(batch, receipts(RowJob.run(letters, List.of(output)).deliveries()));
      }
    } catch (Throwable e) {
      // Scala throws checked exceptions, such as that of a failed task, without declaring them.
      Round.abort(fence, batch, e);
      throw e;
    }
  }

  private static <R extends Receipt> void gather(
      Fence<R> fence, long batch, TaskOutput output, Dataset<Row> letters) {
    try (Gathering gathering = new Gathering()) {
      gathering.keep(output, letters);
      R unused = fence.gather(batch, gathering.rows(output.sink()));
    }
  }

  /** The receipts are the sink's own: they come from its writers. */
  @SuppressWarnings("unchecked")
  private static <R extends Receipt> List<R> receipts(List<TaskOutput.Delivery> deliveries) {
    return deliveries.stream().map(delivery -> (R) delivery.receipt()).toList();
  }

  /** Started by the first row that there is to forward; empty where the target has none. */
  private Optional<Fencing> fence(Identity who) {
    return Fences.of(spark, target, who, Letters.SCHEMA)
        .map(
            start ->
                fences.computeIfAbsent(
                    who.sink(),
                    name -> {
                      accept(who);
                      return start.get();
                    }));
  }

  /**
   * The start of the query was checked: what another checkpoint forwarded is not of its batches.
   */
  private void accept(Identity who) {
    if (target.sink() instanceof Ledgered ledger
        && ledger
            .held(spark, who)
            .filter(held -> !held.queryId().equals(identities.queryId()))
            .isPresent()) {
      ledger.adopt(spark, who, -1);
    }
  }

  @Override
  public void close() {
    Closing.all(Fences.open(fences.values()));
    fences.clear();
  }
}
