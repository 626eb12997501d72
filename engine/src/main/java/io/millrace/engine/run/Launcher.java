package io.millrace.engine.run;

import io.millrace.engine.plan.Graph;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.plan.PlanRecord;
import io.millrace.engine.spi.BatchReport;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.Renewed;
import io.millrace.engine.spi.StreamSink;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.DataStreamWriter;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.StreamingQueryListener;
import org.apache.spark.sql.streaming.Trigger;

/** Starts the queries of a plan. */
public final class Launcher {
  /** Of so many batches it is known what became of the rows of each. */
  private static final int RECENT = 50;

  private final SparkSession spark;
  private final Consumer<BatchReport> reports;
  private final List<StreamingQueryListener> listeners;
  private final boolean counts;

  public Launcher(SparkSession spark) {
    this(spark, report -> {}, List.of());
  }

  /**
   * A launcher that tells of every batch.
   *
   * @param reports called on the query's own thread
   * @param listeners to Spark's own progress of the job's queries
   */
  public Launcher(
      SparkSession spark, Consumer<BatchReport> reports, List<StreamingQueryListener> listeners) {
    this(spark, reports, listeners, true);
  }

  private Launcher(
      SparkSession spark,
      Consumer<BatchReport> reports,
      List<StreamingQueryListener> listeners,
      boolean counts) {
    this.spark = spark;
    this.reports = reports;
    this.listeners = List.copyOf(listeners);
    this.counts = counts;
  }

  /** A launcher of jobs whose rows are not counted: what counting costs is the difference. */
  static Launcher uncounted(SparkSession spark) {
    return new Launcher(spark, report -> {}, List.of(), false);
  }

  /** What a start does where a checkpoint and a sink do not fit. */
  public enum Start {
    /** It refuses. */
    CHECKED,
    /** It goes on from the checkpoint, and makes the sink's ledger agree. */
    ADOPTING
  }

  /** The same as {@link #launch(Plan, Start)}, checked. */
  public RunningJob launch(Plan plan) {
    return launch(plan, Start.CHECKED);
  }

  /**
   * The job, running: every query goes on where its checkpoint ends.
   *
   * @throws RefusedStartException if the checkpoint of a query and the ledgers of its sinks do not
   *     fit; nothing has started then
   * @throws JobFailedException if a query cannot start; those that have started are stopped
   */
  public RunningJob launch(Plan plan, Start start) {
    if (plan.engine() instanceof Plan.Engine.DStream) {
      throw new IllegalArgumentException(
          "Cannot run a job with engine: dstream as structured streaming. Start it by DStreams");
    }
    SparkSession own = spark.newSession();
    SparkDefaults.apply(own, plan.spark());
    return SparkDefaults.within(own, () -> launch(plan, start, own));
  }

  private RunningJob launch(Plan plan, Start start, SparkSession own) {
    listeners.forEach(own.streams()::addListener);
    RunningJob job = new RunningJob(plan);
    try {
      Checkpoints checkpoints =
          new Checkpoints(plan.checkpoint(), own.sparkContext().hadoopConfiguration());
      Map<String, Joined> joined = check(plan, start, own, checkpoints);
      for (Plan.Query query : plan.queries()) {
        start(plan, query, own, checkpoints, joined.getOrDefault(query.name(), Joined.NONE), job);
      }
      return job;
    } catch (Throwable e) {
      closeAfter(e, job);
      throw e;
    }
  }

  /** Since when the sinks of each query are there. */
  private static Map<String, Joined> check(
      Plan plan, Start start, SparkSession session, Checkpoints checkpoints) {
    StartCheck check = new StartCheck(session, plan, checkpoints);
    Map<String, Joined> joined = new LinkedHashMap<>();
    List<String> refusals = new ArrayList<>();
    for (Plan.Query query : plan.queries()) {
      try {
        checkpoints.failIfDamaged(query.name());
        UUID id = checkpoints.queryId(query.name());
        refuseSecond(session, id, checkpoints.folder(query.name()));
        StartCheck.Found found = check.check(query, id, start);
        refusals.addAll(found.refusals());
        joined.put(query.name(), found.joined());
        if (found.refusals().isEmpty()) {
          checkpoints.keep(query, PlanRecord.of(plan), found.joined());
        }
      } catch (RuntimeException e) {
        throw cannotStart(query, e);
      }
    }
    if (!refusals.isEmpty()) {
      throw new RefusedStartException(refusals);
    }
    return joined;
  }

  private static JobFailedException cannotStart(Plan.Query query, Exception e) {
    return new JobFailedException(
        "Cannot start query '" + query.name() + "': " + JobFailedException.reason(e), e);
  }

  private static void closeAfter(Throwable failure, RunningJob job) {
    try {
      job.close();
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  private void start(
      Plan plan,
      Plan.Query query,
      SparkSession session,
      Checkpoints checkpoints,
      Joined joined,
      RunningJob job) {
    try {
      UUID id = checkpoints.queryId(query.name());
      if (query.trigger() instanceof Plan.Trigger.RealTime real) {
        realTime(plan, query, real, id, session, checkpoints, job);
        return;
      }
      DataStreamWriter<Row> writer =
          byItself(plan, query, session, checkpoints)
              .orElseGet(() -> looped(plan, query, id, session, checkpoints, joined, job));
      StreamingQuery running =
          writer
              .queryName(plan.job() + "." + query.name())
              .option("checkpointLocation", checkpoints.folder(query.name()))
              .outputMode(query.mode().name().toLowerCase(java.util.Locale.ROOT))
              .trigger(trigger(query.trigger()))
              .start();
      job.add(query, running);
    } catch (Exception e) {
      // Scala throws checked exceptions, such as those of Spark's analyzer, without declaring them.
      throw cannotStart(query, e);
    }
  }

  /**
   * Spark would stop the query that runs, in the middle of the batch that it is writing.
   *
   * @throws IllegalStateException if the query runs in this process already
   */
  private static void refuseSecond(SparkSession session, UUID id, String checkpoint) {
    if (Catalyst.running(session, id)) {
      throw new IllegalStateException(
          "Cannot start on the checkpoint "
              + checkpoint
              + ": the query of another start is still at work on it. Wait until that job is"
              + " closed, which takes as long as its running batch");
    }
  }

  /** A query that Spark's own streaming sink writes; nothing of it passes the engine. */
  private static Optional<DataStreamWriter<Row>> byItself(
      Plan plan, Plan.Query query, SparkSession session, Checkpoints checkpoints) {
    if (query.stateful()
        || query.outputs().size() != 1
        || !(plan.output(query.outputs().get(0)).sink() instanceof StreamSink sink)) {
      return Optional.empty();
    }
    Graph graph = new Graph(plan.inputs(), plan.stages());
    if (renewed(graph, plan.output(query.outputs().get(0)).from())) {
      return Optional.empty();
    }
    Changing changing = Changing.of(session, checkpoints.folder(query.name()));
    Frames frames = new Frames(graph, session, new Reading.Stream(changing));
    Trunk trunk = Trunk.of(plan, graph, query, frames);
    changing.start(checkpoints.begun(query.name()));
    if (trunk.branches().size() != 1) {
      return Optional.empty();
    }
    Dataset<Row> rows = trunk.branches().get(0).build().apply(trunk.rows());
    return Notices.in(rows).isEmpty()
        ? Optional.of(sink.attach(rows.writeStream()))
        : Optional.empty();
  }

  /** Whether a step on the way to a node has parts that change, which cost much to open. */
  private static boolean renewed(Graph graph, String node) {
    return graph.upstream(node).stream()
        .flatMap(name -> graph.stage(name).stream())
        .anyMatch(stage -> stage.step() instanceof Renewed);
  }

  private DataStreamWriter<Row> looped(
      Plan plan,
      Plan.Query query,
      UUID id,
      SparkSession session,
      Checkpoints checkpoints,
      Joined joined,
      RunningJob job) {
    Graph graph = new Graph(plan.inputs(), plan.stages());
    Counters counters = counters(query, session);
    Changing changing = Changing.of(session, checkpoints.folder(query.name()));
    Frames frames = new Frames(graph, session, new Reading.Stream(changing), counters);
    Trunk trunk = Trunk.of(plan, graph, query, frames);
    List<Place> places =
        Place.of(plan, query, session.sparkContext().hadoopConfiguration(), () -> session);
    Optional<History> history = Optional.of(new History(places, id, RECENT)).filter(kept -> counts);
    Accounting accounting = new Accounting(plan, query, id, counters, history);
    BatchLoop loop = new BatchLoop(plan, query, id, trunk, changing, accounting, reports);
    job.closes(loop);
    loop.start(
        joined,
        () -> checkpoints.progress(query.name()),
        batch -> checkpoints.sources(query.name(), batch));
    return trunk.rows().writeStream().foreachBatch(each(loop));
  }

  /** A query whose rows are handed on one by one; it has begun to read when this returns. */
  private void realTime(
      Plan planned,
      Plan.Query query,
      Plan.Trigger.RealTime trigger,
      UUID id,
      SparkSession session,
      Checkpoints checkpoints,
      RunningJob job)
      throws Exception {
    Plan plan = planned.inRealTime(query);
    Graph graph = new Graph(plan.inputs(), plan.stages());
    Changing changing = Changing.inRealTime(session, checkpoints.folder(query.name()));
    Trunk trunk =
        Trunk.of(plan, graph, query, new Frames(graph, session, new Reading.Stream(changing)));
    RealTimeLoop loop =
        new RealTimeLoop(plan, query, id, trunk, changing, job.slots(session), reports);
    job.closes(loop);
    loop.start(checkpoints.begun(query.name()));
    StreamingQuery running =
        Catalyst.inRealTime(
            trunk.rows(),
            plan.job() + "." + query.name(),
            checkpoints.folder(query.name()),
            loop.table(trunk.rows()),
            trigger.batches());
    job.add(query, running);
    loop.await(running);
  }

  private Counters counters(Plan.Query query, SparkSession session) {
    if (!counts) {
      return Counters.none();
    }
    Tally tally = new Tally();
    session.sparkContext().register(tally);
    return Counters.of(tally, query.mode() != Mode.COMPLETE);
  }

  private static VoidFunction2<Dataset<Row>, Long> each(BatchLoop loop) {
    return (rows, batch) -> loop.run(rows, batch);
  }

  /** In real time a query starts by another door. */
  private static Trigger trigger(Plan.Trigger trigger) {
    return trigger instanceof Plan.Trigger.Every every
        ? Trigger.ProcessingTime(every.interval().toMillis())
        : Trigger.AvailableNow();
  }

  /**
   * The job once over what is there now: bounded reads, no checkpoint.
   *
   * @param ends whether results that the watermark has not closed are written too
   */
  public void runOnce(Plan plan, Ends ends) {
    SparkSession own = spark.newSession();
    SparkDefaults.apply(own, plan.spark());
    Graph graph = new Graph(plan.inputs(), plan.stages());
    for (Plan.Query query : plan.queries()) {
      Counters counters = counters(query, own);
      Changing changing = Changing.unnoted();
      Reading once = new Reading.Once(query.mode(), ends, changing.renewals());
      Frames frames = new Frames(graph, own, once, counters);
      try {
        Trunk trunk = Trunk.of(plan, graph, query, frames);
        BatchNumber.set(own.sparkContext(), 0);
        UUID id = UUID.randomUUID();
        Accounting accounting = new Accounting(plan, query, id, counters, Optional.empty());
        try (BatchLoop loop =
            new BatchLoop(plan, query, id, trunk, changing, accounting, reports)) {
          loop.start(Joined.NONE, () -> new Progress(0, -1), batch -> Optional.empty())
              .run(trunk.rows(), 0);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new JobFailedException("Query '" + query.name() + "' was interrupted", e);
      } catch (Exception e) {
        throw new JobFailedException(
            "Query '" + query.name() + "' stopped: " + JobFailedException.reason(e), e);
      }
    }
  }

  /** What becomes of windows that are still open where the input ends. */
  public enum Ends {
    /** They are left out: more input may come. */
    OPEN,
    /** They are written: no more input will come. */
    CLOSED
  }
}
