package io.millrace.engine.run;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.spi.BatchReport;
import io.millrace.engine.spi.Ending;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Receipt;
import io.millrace.engine.spi.RowSink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;

/**
 * The driver's side of one query in real time. Its tasks hand on rows by themselves; what is left
 * for the end of a batch is what they refused, and the counts.
 */
final class RealTimeLoop implements Loop {
  private static final Duration GLANCE = Duration.ofMillis(5);

  private final Plan plan;
  private final Plan.Query query;
  private final UUID queryId;
  private final Identities who;
  private final Trunk trunk;
  private final Changing changing;
  private final Slots slots;
  private final Consumer<BatchReport> reports;
  private final Notices notices;
  private final LetterLimit letters;
  private final Optional<Forwarding> forwarding;
  private final Leftovers leftovers;
  private final Map<String, Fence<?>> fences = new LinkedHashMap<>();
  private final CountDownLatch running = new CountDownLatch(1);
  private boolean stopping;
  private boolean reading;
  private long begun;
  private long last = -1;

  /**
   * The loop of a query.
   *
   * @param plan with sinks that take rows one by one
   */
  RealTimeLoop(
      Plan plan,
      Plan.Query query,
      UUID queryId,
      Trunk trunk,
      Changing changing,
      Slots slots,
      Consumer<BatchReport> reports) {
    this.plan = plan;
    this.query = query;
    this.queryId = queryId;
    this.who = new Identities(plan, query, queryId);
    this.trunk = trunk;
    this.changing = changing;
    this.slots = slots;
    this.reports = reports;
    this.notices = new Notices(query.name(), trunk);
    this.letters = new LetterLimit(plan, query, trunk);
    this.forwarding = plan.deadLetters().map(target -> new Forwarding(who, target, spark()));
    this.leftovers = new Leftovers(plan, query, forwarding);
  }

  @Override
  public String name() {
    return query.name();
  }

  /**
   * Lets every sink get ready.
   *
   * @param from the last batch that the checkpoint has
   * @throws IllegalArgumentException with a sentence, if rows cannot be handed on one by one
   */
  RealTimeLoop start(long from) {
    trunk.kept().stream().findFirst().ifPresent(this::refuse);
    trunk.branches().forEach(this::ready);
    changing.start(from);
    Ending.forget(queryId.toString());
    return this;
  }

  private void refuse(Branch branch) {
    throw new IllegalArgumentException(
        "Cannot run in real time: behind what the sinks and dead letters of query '%s' share, the way to sink '%s' does more than pick, compute and filter row by row. Do that in a step that all of them read, or give the sink a trigger of its own, such as 10s"
            .formatted(query.name(), branch.output().name()));
  }

  /** Several branches may end in one sink, which starts once. */
  private void ready(Branch branch) {
    Plan.Output output = branch.output();
    fences.computeIfAbsent(
        output.name(),
        name ->
            Sinks.named(
                name,
                () ->
                    ((RowSink<?>) output.sink())
                        .start(who.of(output), output.how(), branch.schema())));
  }

  /** The query's rows, written to its sinks. */
  RealTimeTable table(Dataset<Row> rows) {
    return new RealTimeTable(this, rows.schema());
  }

  /**
   * Waits until the tasks of the first batch are about to start: all that Spark checks is behind it
   * then.
   *
   * @throws Exception what ended the query before
   */
  void await(StreamingQuery started) throws Exception {
    while (!running.await(GLANCE.toMillis(), TimeUnit.MILLISECONDS)) {
      if (!started.isActive() && running.getCount() > 0) {
        boolean unused = started.awaitTermination(GLANCE.toMillis());
        throw new IllegalStateException("Query '" + query.name() + "' ended before it began");
      }
    }
  }

  /** Called on the query's thread before the tasks of a batch start. */
  RealTimeTasks begin(int partitions) {
    slots.take(query.name(), partitions);
    long batch = Catalyst.batch(spark(), queryId).orElseThrow().currentBatchId();
    enter();
    begun = System.nanoTime();
    changing.renewals().begin(spark().sparkContext(), batch);
    fences.forEach((sink, fence) -> Sinks.named(sink, () -> fence.begin(batch)));
    running.countDown();
    return new RealTimeTasks(trunk.inTask().stream().map(branch -> output(branch, batch)).toList());
  }

  private TaskOutput output(Branch branch, long batch) {
    Plan.Output to = branch.output();
    TaskOutput output = TaskOutput.of(to, who.of(to), batch, branch.path().orElseThrow());
    Fence<?> fence = Objects.requireNonNull(fences.get(to.name()), to.name());
    return fence.writers().map(output::by).orElse(output);
  }

  /** A batch that would begin while the job stops waits for the end, which interrupts it. */
  private synchronized void enter() {
    try {
      while (stopping) {
        wait();
      }
      reading = true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Stopped before a batch of query " + query.name(), e);
    }
  }

  /** The tasks of a batch have ended, and their rows are where they belong. */
  void commit(long batch, RowJob.Done done) {
    Arrivals arrivals = new Arrivals();
    fences.forEach((sink, fence) -> Sinks.named(sink, () -> commit(sink, fence, batch, done)));
    fences.forEach(
        (sink, fence) ->
            arrivals.written(
                sink,
                done.deliveries().stream()
                    .filter(delivery -> delivery.sink().equals(sink))
                    .mapToLong(TaskOutput.Delivery::arrived)
                    .sum(),
                receipts(sink, done).stream().mapToLong(Receipt::rows).sum()));
    leftovers.settle(fences, batch, arrivals);
    String target = plan.deadLetters().map(Plan.Output::name).orElse("");
    letters.check(batch, arrivals.visible().getOrDefault(target, 0L), done.rows());
    notices.log(batch);
    Duration took = Duration.ofNanos(System.nanoTime() - begun);
    changing.end(
        batch,
        (tables, parts) ->
            reports.accept(
                new BatchReport(
                    query.name(), batch, arrivals.visible(), Map.of(), tables, parts, took)));
    leave(batch);
  }

  private synchronized void leave(long batch) {
    reading = false;
    last = batch;
  }

  /** The receipts are the sink's own: they come from its writers. */
  @SuppressWarnings("unchecked")
  private static <R extends Receipt> void commit(
      String sink, Fence<R> fence, long batch, RowJob.Done done) {
    fence.commit(batch, (List<R>) receipts(sink, done));
  }

  private static List<Receipt> receipts(String sink, RowJob.Done done) {
    return done.deliveries().stream()
        .filter(delivery -> delivery.sink().equals(sink))
        .map(TaskOutput.Delivery::receipt)
        .toList();
  }

  /** The tasks of a batch failed, or were stopped; its rows come again. */
  void abort(long batch) {
    fences.forEach((sink, fence) -> Sinks.named(sink, () -> fence.abort(batch)));
  }

  @Override
  public void drain(StreamingQuery query, long end) throws InterruptedException {
    synchronized (this) {
      stopping = true;
    }
    if (!spark().sparkContext().isLocal()) {
      return;
    }
    Ending.ask(queryId.toString());
    while (query.isActive() && System.nanoTime() < end && !drained(query)) {
      Thread.sleep(GLANCE.toMillis());
    }
  }

  private synchronized boolean drained(StreamingQuery query) {
    return !reading && Catalyst.committed(query) >= last;
  }

  private SparkSession spark() {
    return trunk.rows().sparkSession();
  }

  /** Closes what every sink holds, also where one of them cannot. */
  @Override
  public void close() {
    List<AutoCloseable> open = new ArrayList<>(fences.values());
    forwarding.ifPresent(open::add);
    open.add(changing);
    fences.clear();
    Ending.forget(queryId.toString());
    Closing.all(open);
  }
}
