package io.millrace.engine.run;

import io.millrace.engine.plan.Graph;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.BatchFence;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.FencedSink;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Ledgered;
import io.millrace.engine.spi.Receipt;
import io.millrace.engine.spi.Reject;
import io.millrace.engine.spi.RowSink;
import io.millrace.engine.spi.SourceRecord;
import java.sql.Timestamp;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
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
  private final Plan plan;
  private final Plan.Query query;
  private final UUID queryId;
  private final Plan.Output target;
  private final SparkSession spark;
  private final Map<String, Fence<?>> fences = new LinkedHashMap<>();
  private final Map<String, BatchFence> batchFences = new LinkedHashMap<>();

  Forwarding(Plan plan, Plan.Query query, UUID queryId, Plan.Output target, SparkSession spark) {
    this.plan = plan;
    this.query = query;
    this.queryId = queryId;
    this.target = target;
    this.spark = spark;
  }

  /** The name under which the rejects of a sink are written to the dead letters. */
  static Identity who(Plan plan, Plan.Query query, Plan.Output target, String sink, UUID queryId) {
    return new Identity(
        plan.ledger(), target.name() + "_" + query.name() + "_" + sink, query.name(), queryId);
  }

  /**
   * Writes what a sink left out of a batch, unless the target has that already.
   *
   * @return how many rows are new there
   */
  long forward(String sink, long batch, List<Reject> rejects) {
    Identity who = who(plan, query, target, sink, queryId);
    Dataset<Row> letters = letters(sink, batch, rejects);
    if (target.sink() instanceof RowSink<?> rows) {
      return write(rows, who, batch, letters) ? rejects.size() : 0;
    }
    Batch frame = new Batch(who, target.how(), batch, letters);
    if (target.sink() instanceof FencedSink fenced) {
      BatchFence fence = fence(fenced, who);
      if (fence.last() >= batch) {
        return 0;
      }
      fence.write(frame);
    } else {
      BatchLoop.sink(target).write(frame);
    }
    return rejects.size();
  }

  private Dataset<Row> letters(String sink, long batch, List<Reject> rejects) {
    Optional<String> source = source(plan.output(sink).from());
    List<Row> rows =
        rejects.stream()
            .map(
                reject ->
                    RowFactory.create(
                        plan.job(),
                        query.name(),
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
    Graph graph = new Graph(plan.inputs(), plan.stages());
    List<String> sources =
        graph.upstream(node).stream()
            .filter(name -> graph.input(name).isPresent() && graph.streams(name))
            .toList();
    return sources.size() == 1 ? Optional.of(sources.get(0)) : Optional.empty();
  }

  private <R extends Receipt> boolean write(
      RowSink<R> sink, Identity who, long batch, Dataset<Row> letters) {
    Fence<R> fence = fence(sink, who);
    if (fence.last() >= batch) {
      return false;
    }
    fence.begin(batch);
    try {
      TaskOutput output = TaskOutput.of(target, who, batch, RowPath.straight(letters));
      if (fence.gathers()) {
        gather(fence, batch, output, letters);
      } else {
        fence.commit(batch, receipts(RowJob.run(letters, List.of(output)).deliveries()));
      }
      return true;
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

  /** Started by the first row that there is to forward. The fence is the sink's own. */
  @SuppressWarnings("unchecked")
  private <R extends Receipt> Fence<R> fence(RowSink<R> sink, Identity who) {
    Fence<?> known = fences.get(who.sink());
    if (known == null) {
      accept(who);
      known = sink.start(who, target.how(), Letters.SCHEMA);
      fences.put(who.sink(), known);
    }
    return (Fence<R>) known;
  }

  private BatchFence fence(FencedSink sink, Identity who) {
    return batchFences.computeIfAbsent(
        who.sink(),
        name -> {
          accept(who);
          return sink.start(spark, who, target.how());
        });
  }

  /**
   * The start of the query was checked: what another checkpoint forwarded is not of its batches.
   */
  private void accept(Identity who) {
    if (target.sink() instanceof Ledgered ledger
        && ledger.held(spark, who).filter(held -> !held.queryId().equals(queryId)).isPresent()) {
      ledger.adopt(spark, who, -1);
    }
  }

  @Override
  public void close() {
    Closing.all(fences.values());
    fences.clear();
  }
}
