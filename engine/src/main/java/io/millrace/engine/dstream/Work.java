package io.millrace.engine.dstream;

import io.millrace.engine.plan.Graph;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.run.FedJob;
import io.millrace.engine.run.JobFailedException;
import io.millrace.engine.spi.Carried;
import io.millrace.engine.spi.Feed;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.apache.spark.SparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.jspecify.annotations.Nullable;
import scala.reflect.ClassTag$;

/**
 * What the streams of one job do on the driver. A checkpoint has only the name of it, so that a job
 * that goes on has its plans, tables, accumulators and connections from the start that it is in.
 */
final class Work implements AutoCloseable {
  private static final Map<String, Work> AT_WORK = new ConcurrentHashMap<>();

  private final String name;
  private final Routes routes;
  private final FedJob job;
  private final Home home;
  private final Done done;
  private final Map<String, Folder> folders = new LinkedHashMap<>();
  private final Map<String, Carrier> carriers = new LinkedHashMap<>();
  private final Map<String, Dataset<Row>> before = new LinkedHashMap<>();
  private final ReentrantLock atWork = new ReentrantLock();
  private volatile @Nullable Throwable failure;
  private boolean forgotten;
  private boolean ended;

  Work(String name, Plan plan, FedJob job, Done done, Home home) {
    this.name = name;
    this.routes = new Routes(plan, new Graph(plan.inputs(), plan.stages()));
    this.job = job;
    this.done = done;
    this.home = home;
    routes.sources().forEach(source -> reads(source, home));
    routes.carried().forEach(this::carries);
    carriers.forEach((step, carrier) -> job.carries(step, carrier.columns()));
  }

  private void reads(Plan.Input source, Home home) {
    if (source.source().feed().orElseThrow() instanceof Feed.Folder feed) {
      folders.put(source.name(), new Folder(feed, home.files(source.name()), job.spark()));
      job.reads(source.name(), feed.read(job.spark(), List.of()).schema());
    } else {
      job.reads(source.name(), source.source().schema().orElseThrow());
    }
  }

  private void carries(String step) {
    Dataset<Row> rows = job.before(step);
    before.put(step, rows);
    Carried carried = routes.carried(step);
    carriers.put(
        step,
        carried instanceof Carried.Window window
            ? new Slides(job, window, rows.schema())
            : new Sums(job, step, (Carried.Totals) carried, job.of(step, rows).schema()));
  }

  /** The work of a checkpoint, by its name. */
  static Work named(String name) {
    return Objects.requireNonNull(AT_WORK.get(name), "No job is at work on " + name);
  }

  /** Lets its streams find it. */
  void begin() {
    AT_WORK.put(name, this);
  }

  Routes routes() {
    return routes;
  }

  Carrier carrier(String step) {
    return Objects.requireNonNull(carriers.get(step), step);
  }

  /** Forgets which files were read. */
  void forget() {
    folders.values().forEach(folder -> folder.log().clear());
  }

  /** The rows of a folder's files in the batch of a time. */
  RDD<InternalRow> files(String source, long millis) {
    Folder folder = Objects.requireNonNull(folders.get(source), source);
    return generating(millis, () -> folder.rows(millis));
  }

  /** What a step takes of a batch. */
  RDD<?> taken(String step, List<RDD<?>> sources, long millis) {
    return generating(
        millis,
        () -> {
          if (sources.stream().allMatch(Rows::none)) {
            return spark().emptyRDD(ClassTag$.MODULE$.Object());
          }
          Map<String, RDD<InternalRow>> fed = fed(routes.sourcesOf(step), sources);
          Dataset<Row> rows = Objects.requireNonNull(before.get(step), step);
          return carrier(step).taken(job.before(rows, fed, millis));
        });
  }

  /** Gives the files back of a batch that is not there, so that another one reads them. */
  private <T> T generating(long millis, Supplier<T> work) {
    try {
      refuseBehindFailure();
      return work.get();
    } catch (Throwable e) {
      // Scala throws checked exceptions, such as those of Spark's analyzer, without declaring them.
      failure = failure == null ? e : failure;
      folders.values().forEach(folder -> folder.log().revoke(millis));
      throw e;
    }
  }

  @SuppressWarnings("unchecked") // The streams of sources have such rows.
  private static Map<String, RDD<InternalRow>> fed(List<String> nodes, List<RDD<?>> rows) {
    Map<String, RDD<InternalRow>> fed = new LinkedHashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      fed.put(nodes.get(i), (RDD<InternalRow>) rows.get(i));
    }
    return fed;
  }

  /** Writes a batch of a query that has rows, unless it is noted as done. */
  void deliver(String query, List<RDD<?>> rows, long millis) {
    atWork.lock();
    try {
      refuseBehindFailure();
      Plan.Query to = routes.query(query);
      if (ended || done.has(query, millis)) {
        return;
      }
      if (idle(to, rows)) {
        rows.forEach(Rows::drain);
        return;
      }
      failIfForgotten();
      long batch = routes.forgetful(to) ? begin(to, millis) : done.next(query);
      job.run(query, batch, millis, rowsOf(to, rows, millis));
      done.note(query, batch, millis);
    } catch (RuntimeException e) {
      failure = failure == null ? e : failure;
      throw e;
    } finally {
      atWork.unlock();
    }
  }

  /** The number of a batch whose rows may not come again. */
  private long begin(Plan.Query query, long millis) {
    done.abandoned(query.name(), millis).ifPresent(gone -> settle(query, gone));
    return done.begin(query.name(), millis);
  }

  /** Lets sinks that lack a batch whose rows are gone have it without any. */
  private void settle(Plan.Query query, Done.Begun gone) {
    Map<String, RDD<InternalRow>> none = new LinkedHashMap<>();
    routes.feeds(query).forEach(node -> none.put(node, Rows.none(job.spark())));
    job.run(query.name(), gone.batch(), gone.millis(), none);
    done.note(query.name(), gone.batch(), gone.millis());
  }

  /** Nothing is written that a start behind a crash would not know of. */
  void awaitsCheckpoint() {
    forgotten = true;
  }

  private void failIfForgotten() {
    if (forgotten) {
      try {
        home.awaitCheckpoint();
        forgotten = false;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new JobFailedException("The job was interrupted", e);
      }
    }
  }

  private boolean idle(Plan.Query query, List<RDD<?>> rows) {
    return routes
        .carriedBy(query)
        .map(step -> carrier(step).idle(rows, query.mode()))
        .orElseGet(() -> rows.stream().allMatch(Rows::none));
  }

  private Map<String, RDD<InternalRow>> rowsOf(Plan.Query query, List<RDD<?>> rows, long millis) {
    Optional<String> step = routes.carriedBy(query);
    if (step.isEmpty()) {
      return fed(routes.feeds(query), rows);
    }
    Dataset<Row> results = carrier(step.get()).results(rows.get(0), millis, query.mode());
    return Map.of(step.get(), results.queryExecution().toRdd());
  }

  /** The first thing that went wrong. */
  Optional<Throwable> failure() {
    return Optional.ofNullable(failure);
  }

  /** Spark goes on with the next batch when one has failed, which would leave a gap. */
  private void refuseBehindFailure() {
    Throwable first = failure;
    if (first != null) {
      throw new IllegalStateException("No batch comes behind this", first);
    }
  }

  /**
   * Lets the batch that is being written end and no other begin; gives up after a while.
   *
   * @return whether that is so, until it is released by the same thread
   */
  boolean hold(Duration patience) {
    try {
      return atWork.tryLock(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Lets batches pass that wait, unwritten: the streams have ended and note none as done. */
  void release() {
    ended = true;
    atWork.unlock();
  }

  SparkContext spark() {
    return job.spark().sparkContext();
  }

  @Override
  public void close() {
    AT_WORK.remove(name);
    job.close();
  }
}
