package io.millrace.engine.run;

import io.millrace.engine.plan.Graph;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.spi.BatchReport;
import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Ledgered;
import io.millrace.engine.spi.Planned;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.types.StructType;

/**
 * The queries of a job that somebody else cuts into batches: rows come in as they are read, and go
 * the way of every job from there. Its plans, tables, accumulators and sinks are made anew by each
 * start.
 */
public final class FedJob implements AutoCloseable {
  private static final int RECENT = 50;

  private final Plan plan;
  private final Graph graph;
  private final SparkSession spark;
  private final Map<String, Dataset<Row>> raw = new LinkedHashMap<>();
  private final Map<String, Dataset<Row>> carried = new LinkedHashMap<>();
  private final Map<String, Fed> queries = new LinkedHashMap<>();
  private final Changing before = Changing.unnoted();

  private record Fed(Trunk trunk, BatchLoop loop) {}

  /** A job in a session of its own, which does nothing yet. */
  public FedJob(SparkSession spark, Plan plan) {
    this.plan = plan;
    this.graph = new Graph(plan.inputs(), plan.stages());
    this.spark = spark.newSession();
    SparkDefaults.apply(this.spark, plan.spark());
  }

  public SparkSession spark() {
    return spark;
  }

  /** Says which columns a source hands in. */
  public void reads(String source, StructType columns) {
    raw.put(source, template(columns));
  }

  /** Says which columns a step hands in that somebody else runs. */
  public void carries(String step, StructType columns) {
    carried.put(step, template(columns));
  }

  private Dataset<Row> template(StructType columns) {
    return Catalyst.frame(spark, spark.sparkContext().emptyRDD(Catalyst.ROW), columns);
  }

  /** The rows that come to such a step, without a batch in them. */
  public Dataset<Row> before(String step) {
    return frames(before, Counters.none()).live(step);
  }

  /**
   * The same of one batch.
   *
   * @param empty what {@link #before(String)} gave
   */
  public Dataset<Row> before(Dataset<Row> empty, Map<String, RDD<InternalRow>> fed, long millis) {
    return BatchTime.at(Catalyst.fed(empty, byTemplate(fed)), millis);
  }

  /** What the plan of a step makes of rows that have come to it. */
  public Dataset<Row> of(String step, Dataset<Row> rows) {
    Planned planned = (Planned) graph.stage(step).orElseThrow().step();
    Planned.Input input = new Planned.Input(step, rows.queryExecution().analyzed());
    return Catalyst.frame(spark, planned.plan(List.of(input)));
  }

  /** Rows as a frame. */
  public Dataset<Row> frame(RDD<InternalRow> rows, StructType columns) {
    return Catalyst.frame(spark, rows, columns);
  }

  /** What a plan gives. */
  public Dataset<Row> frame(LogicalPlan rows) {
    return Catalyst.frame(spark, rows);
  }

  private Frames frames(Changing changing, Counters counters) {
    Reading fed = new Reading.Fed(raw, changing.renewals());
    return new Frames(graph, spark, fed, counters).with(carried);
  }

  /** Rows by what they stand for in the plans. */
  private Map<RDD<?>, RDD<InternalRow>> byTemplate(Map<String, RDD<InternalRow>> fed) {
    Map<RDD<?>, RDD<InternalRow>> rows = new LinkedHashMap<>();
    fed.forEach(
        (node, rdd) ->
            rows.put(
                Catalyst.rows(
                    Objects.requireNonNull(raw.getOrDefault(node, carried.get(node)), node)),
                rdd));
    return rows;
  }

  /**
   * Gets every sink ready.
   *
   * @param id of the checkpoint
   * @param done the last batch of each query that is noted as done
   * @throws JobFailedException if a query cannot start
   */
  public void start(UUID id, Map<String, Long> done, Consumer<BatchReport> reports) {
    SparkDefaults.within(
        spark,
        () -> {
          for (Plan.Query query : plan.queries()) {
            start(query, id, done.getOrDefault(query.name(), -1L), reports);
          }
          return id;
        });
  }

  private void start(Plan.Query query, UUID id, long done, Consumer<BatchReport> reports) {
    try {
      long begun = Math.max(done, begun(query, id));
      Tally tally = new Tally();
      spark.sparkContext().register(tally);
      Counters counters = Counters.of(tally, false);
      Changing changing = Changing.unnoted();
      Trunk trunk = Trunk.of(plan, graph, query, frames(changing, counters));
      Configuration hadoop = spark.sparkContext().hadoopConfiguration();
      List<Place> places = Place.of(plan, query, hadoop, () -> spark);
      Accounting accounting =
          new Accounting(plan, query, id, counters, Optional.of(new History(places, id, RECENT)));
      BatchLoop loop = new BatchLoop(plan, query, id, trunk, changing, accounting, reports);
      queries.put(query.name(), new Fed(trunk, loop));
      loop.start(Joined.NONE, () -> new Progress(begun, done), batch -> Optional.empty());
    } catch (Exception e) {
      // Scala throws checked exceptions, such as those of Spark's analyzer, without declaring them.
      throw new JobFailedException(
          "Cannot start query '" + query.name() + "': " + JobFailedException.reason(e), e);
    }
  }

  /** The last batch that a sink of a query has; -1 where none has one, or none remembers. */
  private long begun(Plan.Query query, UUID id) {
    List<Plan.Output> outputs = new ArrayList<>();
    query.outputs().forEach(name -> outputs.add(plan.output(name)));
    if (!query.tags().isEmpty()) {
      plan.deadLetters().ifPresent(outputs::add);
    }
    long begun = -1;
    for (Plan.Output output : outputs) {
      if (output.sink() instanceof Ledgered sink) {
        Identity who = new Identities(plan, query, id).of(output);
        Optional<Held> held = Sinks.named(output.name(), () -> sink.held(spark, who));
        begun = Math.max(begun, held.map(Held::batch).orElse(-1L));
      }
    }
    return begun;
  }

  /**
   * Writes one batch of a query.
   *
   * @param batch its number; one that comes again has the same
   * @param millis its time
   * @throws JobFailedException if it cannot be written
   */
  public void run(String query, long batch, long millis, Map<String, RDD<InternalRow>> fed) {
    Fed to = Objects.requireNonNull(queries.get(query), query);
    SparkDefaults.within(
        spark,
        () -> {
          write(query, to, batch, millis, fed);
          return batch;
        });
  }

  private void write(
      String query, Fed to, long batch, long millis, Map<String, RDD<InternalRow>> fed) {
    try {
      BatchNumber.set(spark.sparkContext(), batch);
      BatchTime.set(spark.sparkContext(), millis);
      to.loop().run(BatchTime.at(Catalyst.fed(to.trunk().rows(), byTemplate(fed)), millis), batch);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JobFailedException("Query '" + query + "' was interrupted", e);
    } catch (Exception e) {
      throw new JobFailedException(
          "Query '" + query + "' stopped: " + JobFailedException.reason(e), e);
    }
  }

  /** Closes what the sinks hold. */
  @Override
  public void close() {
    List<AutoCloseable> open = new ArrayList<>(queries.values().stream().map(Fed::loop).toList());
    open.add(before);
    Closing.all(open);
  }
}
