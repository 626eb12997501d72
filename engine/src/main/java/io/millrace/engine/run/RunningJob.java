package io.millrace.engine.run;

import io.millrace.engine.plan.Plan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.StreamingQueryException;
import org.jspecify.annotations.Nullable;

/** The queries of a job at work. When one fails, the others are stopped. */
public final class RunningJob implements AutoCloseable {
  private static final Duration LOOK = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Plan plan;
  private final Map<String, StreamingQuery> queries = new LinkedHashMap<>();
  private final List<Loop> loops = new ArrayList<>();
  private final Object closing = new Object();
  private boolean closed;
  private @Nullable Slots slots;

  RunningJob(Plan plan) {
    this.plan = plan;
  }

  synchronized void add(Plan.Query query, StreamingQuery running) {
    queries.put(query.name(), running);
  }

  synchronized void closes(Loop loop) {
    loops.add(loop);
  }

  /** The core slots that the queries in real time share. */
  synchronized Slots slots(SparkSession session) {
    if (slots == null) {
      boolean all =
          plan.queries().stream()
              .allMatch(query -> query.trigger() instanceof Plan.Trigger.RealTime);
      slots = new Slots(session.sparkContext(), all ? 0 : 1);
    }
    return slots;
  }

  public Plan plan() {
    return plan;
  }

  /** Spark's own handles, by the name of the query. */
  public synchronized Map<String, StreamingQuery> queries() {
    return Map.copyOf(queries);
  }

  /**
   * Waits until every query has ended.
   *
   * @throws JobFailedException when one fails; the others are stopped first
   */
  public void await() {
    while (!done(LOOK)) {
      throwIfFailed();
    }
    throwIfFailed();
  }

  /**
   * Waits for some time.
   *
   * @return whether every query has ended
   * @throws JobFailedException when one fails; the others are stopped first
   */
  public boolean await(Duration most) {
    long end = System.nanoTime() + most.toNanos();
    boolean done = done(shorter(end));
    throwIfFailed();
    while (!done && System.nanoTime() < end) {
      done = done(shorter(end));
      throwIfFailed();
    }
    return done;
  }

  /** Until the end, but no longer than a look at all queries may take. */
  private static Duration shorter(long end) {
    long left = Math.max(1_000_000, end - System.nanoTime());
    return Duration.ofNanos(Math.min(left, LOOK.toNanos()));
  }

  private synchronized List<Loop> loops() {
    return List.copyOf(loops);
  }

  private void drain() {
    long end = System.nanoTime() + PATIENCE.toNanos();
    Map<String, StreamingQuery> running = queries();
    try {
      for (Loop loop : loops()) {
        StreamingQuery query = running.get(loop.name());
        if (query != null) {
          loop.drain(query, end);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean done(Duration patience) {
    for (StreamingQuery query : queries().values()) {
      if (query.isActive()) {
        pause(query, patience);
        return false;
      }
    }
    return true;
  }

  private static void pause(StreamingQuery query, Duration patience) {
    try {
      query.awaitTermination(patience.toMillis());
    } catch (StreamingQueryException e) {
      // Told by throwIfFailed, with the query's name.
      return;
    }
  }

  private void throwIfFailed() {
    for (Map.Entry<String, StreamingQuery> query : queries().entrySet()) {
      Optional<StreamingQueryException> failure =
          Optional.ofNullable(query.getValue().exception().getOrElse(() -> null));
      if (failure.isPresent()) {
        close();
        throw new JobFailedException(
            "Query '" + query.getKey() + "' stopped: " + reason(query.getKey(), failure.get()),
            failure.get());
      }
    }
  }

  private String reason(String query, StreamingQueryException failure) {
    String reason = JobFailedException.reason(failure);
    return JobFailedException.isSentence(reason)
        ? reason
        : CheckpointFault.in(failure, plan.checkpoint(), hadoop(query))
            .or(() -> inState(query, failure))
            .orElse(reason);
  }

  private Optional<String> inState(String query, StreamingQueryException failure) {
    return CheckpointFault.search(failure, new Path(plan.checkpoint(), query), hadoop(query));
  }

  private Configuration hadoop(String query) {
    return Objects.requireNonNull(queries().get(query), query)
        .sparkSession()
        .sparkContext()
        .hadoopConfiguration();
  }

  /**
   * Stops every query behind the batch that it is writing, if that ends within 30 s, and closes
   * what the sinks hold. Meanwhile all else of this job answers. A batch that is cut off is written
   * again by the next start.
   */
  @Override
  public void close() {
    synchronized (closing) {
      if (!closed) {
        closed = true;
        drain();
        stop();
      }
    }
  }

  private void stop() {
    RuntimeException failure = null;
    for (StreamingQuery query : queries().values()) {
      try {
        query.stop();
      } catch (Exception e) {
        failure = new JobFailedException("Cannot stop query '" + query.name() + "'", e);
      }
    }
    try {
      Closing.all(loops());
    } catch (JobFailedException e) {
      failure = e;
    }
    if (failure != null) {
      throw failure;
    }
  }
}
