package io.millrace.engine.run;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.BatchFence;
import io.millrace.engine.spi.BatchReport;
import io.millrace.engine.spi.BatchSink;
import io.millrace.engine.spi.Failpoint;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.FencedSink;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Ledgered;
import io.millrace.engine.spi.Reject;
import io.millrace.engine.spi.RowSink;
import io.millrace.engine.spi.StreamSink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.streaming.runtime.StreamExecution$;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens to each micro-batch of one query: one job for all row sinks, their commits one after
 * another, then the batch sinks over the kept frame. Dead letters come first.
 */
final class BatchLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BatchLoop.class);
  private static final Duration LOOK = Duration.ofMillis(100);

  private final Plan plan;
  private final Plan.Query query;
  private final UUID queryId;
  private final Trunk trunk;
  private final Accounting accounting;
  private final Origins origins;
  private final Provenance provenance;
  private final BatchTime time;
  private final Consumer<BatchReport> reports;
  private final Notices notices;
  private final LetterLimit letters;
  private final Optional<Forwarding> forwarding;
  private final Map<String, Fence<?>> fences = new LinkedHashMap<>();
  private final Map<String, BatchFence> batchFences = new LinkedHashMap<>();
  private final ReentrantLock atWork = new ReentrantLock();
  private volatile BooleanSupplier stopped = () -> false;
  private volatile boolean stopping;
  private volatile long last = -1;
  private long begun = -1;

  BatchLoop(
      Plan plan,
      Plan.Query query,
      UUID queryId,
      Trunk trunk,
      Accounting accounting,
      Consumer<BatchReport> reports) {
    this.plan = plan;
    this.query = query;
    this.queryId = queryId;
    this.trunk = trunk;
    this.accounting = accounting;
    this.origins = new Origins(trunk.rows().sparkSession(), plan, queryId);
    this.provenance = new Provenance(trunk);
    this.time = new BatchTime(trunk.rows().sparkSession(), queryId);
    this.reports = reports;
    this.notices = new Notices(query.name(), trunk);
    this.letters = new LetterLimit(plan, query, trunk);
    this.forwarding =
        plan.deadLetters()
            .map(
                target ->
                    new Forwarding(plan, query, queryId, target, trunk.rows().sparkSession()));
  }

  /** The number of the last batch that every sink has; -1 if there is none since the start. */
  long last() {
    return last;
  }

  /** The query's name. */
  String name() {
    return query.name();
  }

  /**
   * Lets every row sink and every fenced batch sink get ready, which keeps earlier starts from
   * writing, and every batch sink look at its columns.
   *
   * @param joined since when each sink is there
   * @param progress how far the checkpoint is, asked behind that
   */
  BatchLoop start(Joined joined, Supplier<Progress> progress) {
    Map<String, Long> since = new HashMap<>();
    for (Branch branch : trunk.branches()) {
      Plan.Output output = branch.output();
      if (output.sink() instanceof RowSink<?> sink && !fences.containsKey(output.name())) {
        fences.put(
            output.name(),
            named(output.name(), () -> sink.start(who(output), output.how(), branch.schema())));
        joined.of(who(output).sink()).ifPresent(commit -> since.put(output.name(), commit));
      } else if (output.sink() instanceof BatchSink sink) {
        named(output.name(), () -> sink.check(spark(), output.how(), branch.schema()));
        if (sink instanceof FencedSink fenced && !batchFences.containsKey(output.name())) {
          batchFences.put(
              output.name(),
              named(output.name(), () -> fenced.start(spark(), who(output), output.how())));
          joined.of(who(output).sink()).ifPresent(commit -> since.put(output.name(), commit));
        }
      }
    }
    Progress now = progress.get();
    begun = now.offsets();
    new Round(fences, begun).failIfMoved(now, since);
    batchFences.forEach(
        (sink, fence) ->
            named(
                sink,
                () -> Round.failIfMoved(now, fence.last(), Optional.ofNullable(since.get(sink)))));
    accounting.start(begun);
    Failpoint.FENCED.reached(query.name());
    return this;
  }

  /**
   * Writes a batch to every sink.
   *
   * @throws InterruptedException if the query is stopped before the batch began
   */
  void run(Dataset<Row> rows, long batch) throws InterruptedException {
    while (!atWork.tryLock(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
      // The one interruption of Spark may have met Hadoop, which swallows it.
      if (stopped.getAsBoolean()) {
        throw new InterruptedException("Stopped before batch " + batch);
      }
    }
    try {
      write(rows, batch);
      last = batch;
    } catch (Exception e) {
      if (interruption(e)) {
        InterruptedException stopped = new InterruptedException("Stopped in batch " + batch);
        stopped.initCause(e);
        throw stopped;
      }
      throw BatchFailedException.of(batch, e);
    } finally {
      atWork.unlock();
    }
  }

  /**
   * Lets the batch that is being written end and no other begin; gives up after a while. A batch
   * that waits to begin gives up when {@code stopped} says so.
   */
  boolean hold(Duration patience, BooleanSupplier stopped) throws InterruptedException {
    this.stopped = stopped;
    this.stopping = true;
    return atWork.tryLock(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void write(Dataset<Row> rows, long batch) throws InterruptedException {
    long begun = System.nanoTime();
    Arrivals arrivals = new Arrivals();
    accounting.begin(spark());
    if (query.stateful() && trunk.inTask().isEmpty()) {
      Counting read = new Counting(rows);
      writeKept(read.rows(), batch, arrivals, kept -> drain(kept, read));
    } else {
      writeKept(rows, batch, arrivals, kept -> {});
    }
    Duration took = Duration.ofNanos(System.nanoTime() - begun);
    notices.log(batch);
    Failpoint.DELIVERED.reached(query.name());
    settle(accounting.account(batch, arrivals));
    Failpoint.ACCOUNTED.reached(query.name());
    reports.accept(new BatchReport(query.name(), batch, arrivals.visible(), waited(batch), took));
  }

  /** The rows are where they belong: only what became of them is told again. */
  private void settle(Account account) throws InterruptedException {
    Retries retries = new Retries(query.name(), account.to(), () -> stopping);
    while (true) {
      try {
        accounting.keep(account);
        retries.done();
        break;
      } catch (SinkFailedException e) {
        Optional<Plan.Output> away = away(e);
        if (away.isEmpty()) {
          throw e;
        }
        if (!retries.again(e.sink(), e, patience(away.get()))) {
          throw retries.over(e.sink(), e);
        }
      }
    }
    accounting.failIfUnbalanced(account);
  }

  private void writeKept(
      Dataset<Row> rows, long batch, Arrivals arrivals, Consumer<Dataset<Row>> last)
      throws InterruptedException {
    if (letters.counts() || readers() > 1) {
      try (Kept kept = new Kept(rows)) {
        writeRows(rows, kept.rows(), batch, arrivals);
        last.accept(kept.rows());
      }
    } else {
      writeRows(rows, rows, batch, arrivals);
      last.accept(rows);
    }
  }

  /** How often the rows of a batch are read. */
  private int readers() {
    List<Branch> together = trunk.inTask();
    int alone = (int) together.stream().filter(this::gathers).count() + trunk.kept().size();
    return together.stream().allMatch(this::gathers) ? alone : alone + 1;
  }

  private boolean gathers(Branch branch) {
    Fence<?> fence = fences.get(branch.output().name());
    return fence != null && fence.gathers();
  }

  /**
   * Writes the rows of a batch.
   *
   * @param kept the same rows, worked out once
   */
  private void writeRows(Dataset<Row> rows, Dataset<Row> kept, long batch, Arrivals arrivals)
      throws InterruptedException {
    if (letters.counts()) {
      letters.check(kept, batch);
    }
    batchSinks(kept, batch, arrivals, this::isDeadLetters);
    rowSinks(rows, kept, batch, arrivals);
    batchSinks(kept, batch, arrivals, output -> !isDeadLetters(output));
  }

  /**
   * Reads what the sinks have left: state advances only where every partition is read to its end,
   * and a batch sink that has the batch already need not read any.
   */
  private static void drain(Dataset<Row> kept, Counting read) {
    if (!read.complete()) {
      RowJob.run(kept, List.of());
    }
  }

  /**
   * Tries again where a sink's system is away for a while and no row can arrive twice by that: what
   * a sink has of the batch then, this start has written, as another one would have fenced it.
   */
  private void rowSinks(Dataset<Row> rows, Dataset<Row> kept, long batch, Arrivals arrivals)
      throws InterruptedException {
    Retries retries = new Retries(query.name(), batch, () -> stopping);
    long known = begun;
    while (true) {
      try (Gathering gathering = new Gathering()) {
        new Round(fences, known)
            .run(
                batch,
                gathering,
                arrivals,
                lacking -> deliverWithin(rows, kept, batch, lacking, gathering));
        fences.forEach((sink, fence) -> named(sink, () -> leaveOut(sink, fence, batch, arrivals)));
        fences.forEach((sink, fence) -> tellExisting(sink, fence.existing(batch), batch, arrivals));
        retries.done();
        return;
      } catch (Throwable e) {
        // Scala throws checked exceptions, such as that of a failed task, without declaring them.
        Optional<Plan.Output> away = away(e);
        if (away.isEmpty() || !exact()) {
          throw e;
        }
        if (!retries.again(away.get().name(), e, patience(away.get()))) {
          throw retries.over(away.get().name(), e);
        }
        known = Math.max(begun, batch);
      }
    }
  }

  /** The sink whose system failed in a way that may pass, if it wants to be tried again. */
  private Optional<Plan.Output> away(Throwable failure) {
    return BatchFailedException.find(failure, SinkFailedException.class)
        .filter(Retries::mayPass)
        .flatMap(
            sink ->
                trunk.branches().stream()
                    .map(Branch::output)
                    .filter(output -> output.name().equals(sink.sink()))
                    .findFirst())
        .filter(output -> !patience(output).isZero());
  }

  private static Duration patience(Plan.Output output) {
    return output.sink() instanceof RowSink<?> sink ? sink.patience() : Duration.ZERO;
  }

  /** Whether each row sink knows what it has of the batch. */
  private boolean exact() {
    return trunk.branches().stream()
        .map(Branch::output)
        .filter(output -> output.sink() instanceof RowSink)
        .allMatch(
            output -> output.sink().guarantee(output.how()).compareTo(Guarantee.AT_LEAST_ONCE) < 0);
  }

  /** Stops before anything of the batch is visible if too much of it is refused. */
  private List<TaskOutput.Delivery> deliverWithin(
      Dataset<Row> rows, Dataset<Row> kept, long batch, List<String> open, Gathering gathering) {
    RowJob.Done done = deliver(kept, batch, open, gathering);
    String target = plan.deadLetters().map(Plan.Output::name).orElse("");
    long dead =
        done.deliveries().stream()
            .filter(delivery -> delivery.sink().equals(target) && open.contains(target))
            .mapToLong(TaskOutput.Delivery::arrived)
            .sum();
    letters.check(batch, dead, done.rows());
    origins.failIfOther(fences, open, batch, done.deliveries(), sink -> !sink.equals(target));
    origins.note(fences, open, batch, done.deliveries());
    provenance.tell(fences, open, rows, done.deliveries());
    return done.deliveries();
  }

  /**
   * Rejects are visible with their batch; the dead letters get them from where the sink keeps them.
   */
  private void leaveOut(String sink, Fence<?> fence, long batch, Arrivals arrivals) {
    List<Reject> rejects = fence.rejects(batch);
    if (rejects.isEmpty()) {
      return;
    }
    long count = rejects.size();
    arrivals.rejected(sink, count);
    LOG.warn(
        "Query {}, batch {}: sink {} left out {} rows for faults of their own, {}. One of them: {}",
        query.name(),
        batch,
        sink,
        count,
        forwarding.isPresent() ? "which are dead letters" : "which are dropped",
        rejects.get(0).reason());
    forwarding.ifPresent(
        target -> {
          Failpoint.FORWARDING.reached(sink);
          long given = target.forward(sink, batch, rejects);
          Failpoint.FORWARDED.reached(sink);
          fence.forwarded(batch);
          arrivals.forwarded(plan.deadLetters().orElseThrow().name(), count, given);
        });
  }

  private void tellExisting(String sink, long rows, long batch, Arrivals arrivals) {
    if (rows > 0) {
      arrivals.existing(sink, rows);
      LOG.info(
          "Query {}, batch {}: sink {} left {} rows as they were, whose keys came again",
          query.name(),
          batch,
          sink,
          rows);
    }
  }

  private Map<String, Duration> waited(long batch) {
    Map<String, Duration> waited = new LinkedHashMap<>();
    fences.forEach((sink, fence) -> fence.waited(batch).ifPresent(time -> waited.put(sink, time)));
    return waited;
  }

  private RowJob.Done deliver(
      Dataset<Row> kept, long batch, List<String> open, Gathering gathering) {
    Predicate<Branch> gathered = branch -> gathers(branch) && open.contains(branch.output().name());
    List<TaskOutput> together =
        trunk.inTask().stream()
            .filter(gathered.negate())
            .map(branch -> output(branch, batch, branch.path().orElseThrow(), open))
            .toList();
    List<TaskOutput.Delivery> deliveries = new ArrayList<>();
    long read = -1;
    if (!together.isEmpty()) {
      RowJob.Done done = RowJob.run(kept, together);
      deliveries.addAll(done.deliveries());
      read = done.rows();
    }
    for (Branch branch : trunk.branches()) {
      if (gathered.test(branch) || (alone(branch) && branch.output().sink() instanceof RowSink)) {
        Dataset<Row> rows = over(branch, kept);
        TaskOutput output = output(branch, batch, RowPath.straight(rows), open);
        deliveries.addAll(
            gathered.test(branch)
                ? gathering.keep(output, rows)
                : RowJob.run(rows, List.of(output)).deliveries());
      }
    }
    return new RowJob.Done(deliveries, read);
  }

  /** A branch over the rows of the running batch. */
  private Dataset<Row> over(Branch branch, Dataset<Row> kept) {
    return notices.heard(time.pinned(branch.build().apply(kept)));
  }

  private boolean alone(Branch branch) {
    return trunk.kept().contains(branch);
  }

  private TaskOutput output(Branch branch, long batch, RowPath path, List<String> open) {
    TaskOutput output = TaskOutput.of(branch.output(), who(branch.output()), batch, path);
    return open.contains(output.sink()) ? output : output.counting();
  }

  private boolean isDeadLetters(Plan.Output output) {
    return plan.deadLetters().filter(output::equals).isPresent();
  }

  private void batchSinks(
      Dataset<Row> kept, long batch, Arrivals arrivals, Predicate<Plan.Output> which) {
    Map<String, List<Branch>> sinks =
        trunk.kept().stream()
            .filter(branch -> !(branch.output().sink() instanceof RowSink))
            .filter(branch -> which.test(branch.output()))
            .collect(
                Collectors.groupingBy(
                    branch -> branch.output().name(), LinkedHashMap::new, Collectors.toList()));
    sinks.forEach(
        (name, branches) -> {
          Plan.Output output = branches.get(0).output();
          Dataset<Row> rows =
              branches.stream()
                  .map(branch -> over(branch, kept))
                  .reduce(Dataset::unionByName)
                  .orElseThrow();
          Counting counting = new Counting(rows);
          Batch frame =
              new Batch(who(output), output.how(), batch, counting.rows(), origins.of(batch));
          Failpoint.BEGUN.reached(name);
          named(name, () -> write(output, frame));
          Failpoint.SINK_DONE.reached(name);
          boolean there = output.sink() instanceof Ledgered && !counting.complete();
          if (there) {
            RowJob.run(counting.rows(), List.of());
            arrivals.there(name, counting.count());
          } else {
            arrivals.written(name, counting.count(), counting.count());
          }
        });
  }

  private void write(Plan.Output output, Batch batch) {
    BatchFence fence = batchFences.get(output.name());
    if (fence == null) {
      sink(output).write(batch);
    } else if (Round.lacks(fence.last(), batch.id(), begun)) {
      fence.write(batch);
    }
  }

  static BatchSink sink(Plan.Output output) {
    return output.sink() instanceof StreamSink stream
        ? stream.batched()
        : (BatchSink) output.sink();
  }

  private Identity who(Plan.Output output) {
    return who(plan, query, output, queryId);
  }

  /** Several queries may write dead letters: to the sink each is another writer. */
  static Identity who(Plan plan, Plan.Query query, Plan.Output output, UUID queryId) {
    boolean dead = plan.deadLetters().filter(output::equals).isPresent();
    String sink = dead ? output.name() + "_" + query.name() : output.name();
    return new Identity(plan.ledger(), sink, query.name(), queryId);
  }

  /** Whether a stop of the query ended the batch, which is no failure. */
  private boolean interruption(Throwable failure) {
    Throwable cause = failure;
    while (cause != null) {
      if (StreamExecution$.MODULE$.isInterruptionException(cause, spark().sparkContext())) {
        return true;
      }
      cause = cause.getCause();
    }
    return false;
  }

  private SparkSession spark() {
    return trunk.rows().sparkSession();
  }

  /** The same without a result. */
  static void named(String sink, Runnable action) {
    named(
        sink,
        () -> {
          action.run();
          return sink;
        });
  }

  /** Runs a sink's own code; what it throws carries the sink's name. */
  static <T> T named(String sink, Supplier<T> action) {
    try {
      return action.get();
    } catch (Exception e) {
      throw new SinkFailedException(sink, e);
    }
  }

  /** Closes what every sink holds, also where one of them cannot. */
  @Override
  public void close() {
    List<AutoCloseable> open = new ArrayList<>(fences.values());
    forwarding.ifPresent(open::add);
    fences.clear();
    Closing.all(open);
  }
}
