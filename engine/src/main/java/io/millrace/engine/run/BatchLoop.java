package io.millrace.engine.run;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.spi.BatchReport;
import io.millrace.engine.spi.BatchSink;
import io.millrace.engine.spi.Failpoint;
import io.millrace.engine.spi.Fencing;
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
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;

/**
 * What happens to each micro-batch of one query: one job for all row sinks, their commits one after
 * another, then the batch sinks over the kept frame. Dead letters come first.
 */
final class BatchLoop implements Loop {
  private static final Duration LOOK = Duration.ofMillis(100);
  private static final Duration GLANCE = Duration.ofMillis(5);

  private final Plan.Query query;
  private final Identities who;
  private final Trunk trunk;
  private final Changing changing;
  private final Accounting accounting;
  private final Consumer<BatchReport> reports;
  private final Notices notices;
  private final LetterLimit letters;
  private final Optional<Forwarding> forwarding;
  private final RowSinks rowSinks;
  private final BatchSinks batchSinks;
  private final Patience patience;
  private final Map<String, Fencing> fences = new LinkedHashMap<>();
  private final ReentrantLock atWork = new ReentrantLock();
  private volatile BooleanSupplier stopped = () -> false;
  private volatile boolean stopping;
  private volatile long last = -1;
  private Round round = new Round(fences, Map.of(), -1);

  BatchLoop(
      Plan plan,
      Plan.Query query,
      UUID queryId,
      Trunk trunk,
      Changing changing,
      Accounting accounting,
      Consumer<BatchReport> reports) {
    SparkSession spark = trunk.rows().sparkSession();
    this.query = query;
    this.who = new Identities(plan, query, queryId);
    this.trunk = trunk;
    this.changing = changing;
    this.accounting = accounting;
    this.reports = reports;
    this.notices = new Notices(query.name(), trunk);
    this.letters = new LetterLimit(plan, query, trunk);
    this.forwarding = plan.deadLetters().map(target -> new Forwarding(who, target, spark));
    BranchFrames frames = new BranchFrames(new BatchTime(spark, queryId), notices);
    Origins origins = new Origins(spark, plan, queryId);
    this.rowSinks =
        new RowSinks(
            plan,
            new RowJobs(who, trunk, frames),
            letters,
            origins,
            new Provenance(trunk),
            new Leftovers(plan, query, forwarding),
            Patience.ofRows(query, trunk, () -> stopping));
    this.batchSinks = new BatchSinks(who, trunk, frames, origins);
    this.patience = Patience.ofSinks(query, trunk, () -> stopping);
  }

  @Override
  public String name() {
    return query.name();
  }

  /**
   * Lets every row sink and every fenced batch sink get ready, which keeps earlier starts from
   * writing, and every batch sink look at its columns.
   *
   * @param joined since when each sink is there
   * @param progress how far the checkpoint is, asked behind that
   * @param offsets where the sources stood at the end of a batch, as far as the checkpoint knows
   */
  BatchLoop start(
      Joined joined, Supplier<Progress> progress, LongFunction<Optional<String>> offsets) {
    trunk.branches().forEach(this::ready);
    Map<String, Long> since = new HashMap<>();
    for (Branch branch : trunk.branches()) {
      joined
          .of(who.of(branch.output()).sink())
          .ifPresent(commit -> since.put(branch.output().name(), commit));
    }
    Progress now = progress.get();
    round = new Round(fences, since, now.offsets());
    round.failIfMoved(now, offsets);
    accounting.start(now.offsets());
    changing.start(now.offsets());
    Failpoint.FENCED.reached(query.name());
    return this;
  }

  /** Several branches may end in one sink, which starts once. */
  private void ready(Branch branch) {
    Plan.Output output = branch.output();
    String name = output.name();
    if (output.sink() instanceof BatchSink sink) {
      Sinks.named(name, () -> sink.check(spark(), output.how(), branch.schema()));
    }
    if (!fences.containsKey(name)) {
      Fences.of(spark(), output, who.of(output), branch.schema())
          .ifPresent(start -> fences.put(name, Sinks.named(name, start)));
    }
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
      if (Catalyst.interruption(spark(), e)) {
        InterruptedException stopped = new InterruptedException("Stopped in batch " + batch);
        stopped.initCause(e);
        throw stopped;
      }
      throw BatchFailedException.of(batch, e);
    } finally {
      atWork.unlock();
    }
  }

  @Override
  public void drain(StreamingQuery running, long end) throws InterruptedException {
    Duration left = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
    boolean held = hold(left, () -> !running.isActive());
    while (held
        && running.isActive()
        && Catalyst.committed(running) < last
        && System.nanoTime() < end) {
      Thread.sleep(GLANCE.toMillis());
    }
  }

  /**
   * Lets the batch that is being written end and no other begin; gives up after a while. A batch
   * that waits to begin gives up when {@code stopped} says so.
   */
  private boolean hold(Duration most, BooleanSupplier stopped) throws InterruptedException {
    this.stopped = stopped;
    this.stopping = true;
    return atWork.tryLock(most.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void write(Dataset<Row> rows, long batch) throws InterruptedException {
    long begun = System.nanoTime();
    Arrivals arrivals = new Arrivals();
    accounting.begin(spark());
    changing.renewals().begin(spark().sparkContext(), batch);
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
    changing.end(
        batch,
        (tables, parts) ->
            reports.accept(
                new BatchReport(
                    query.name(),
                    batch,
                    arrivals.visible(),
                    round.waited(batch),
                    tables,
                    parts,
                    took)));
  }

  /** The rows are where they belong: only what became of them is told again. */
  private void settle(Account account) throws InterruptedException {
    patience.run(account.to(), before -> accounting.keep(account));
    accounting.failIfUnbalanced(account);
  }

  private void writeKept(
      Dataset<Row> rows, long batch, Arrivals arrivals, Consumer<Dataset<Row>> last)
      throws InterruptedException {
    if (letters.counts() || readers() > 1) {
      try (Kept kept = new Kept(rows)) {
        writeRows(new MicroBatch(batch, rows, kept.rows(), arrivals));
        last.accept(kept.rows());
      }
    } else {
      writeRows(new MicroBatch(batch, rows, rows, arrivals));
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
    return round.gathers(branch.output().name());
  }

  private void writeRows(MicroBatch batch) throws InterruptedException {
    if (letters.counts()) {
      letters.check(batch.kept(), batch.id());
    }
    batchSinks.write(batch, round, who::isDeadLetters);
    rowSinks.write(batch, round);
    batchSinks.write(batch, round, output -> !who.isDeadLetters(output));
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

  private SparkSession spark() {
    return trunk.rows().sparkSession();
  }

  /** Closes what every sink holds, also where one of them cannot. */
  @Override
  public void close() {
    List<AutoCloseable> open = new ArrayList<>(Fences.open(fences.values()));
    forwarding.ifPresent(open::add);
    open.add(changing);
    fences.clear();
    Closing.all(open);
  }
}
