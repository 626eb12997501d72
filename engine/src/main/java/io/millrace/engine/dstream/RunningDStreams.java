package io.millrace.engine.dstream;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.run.JobFailedException;
import java.time.Duration;
import org.apache.spark.streaming.StreamingContext;

/** A job at work as DStreams. */
@SuppressWarnings("deprecation") // All of DStreams is; jobs that still need them are served here.
public final class RunningDStreams implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Plan plan;
  private final StreamingContext streams;
  private final Work work;
  private final Object closing = new Object();
  private boolean closed;

  RunningDStreams(Plan plan, StreamingContext streams, Work work) {
    this.plan = plan;
    this.streams = streams;
    this.work = work;
  }

  public Plan plan() {
    return plan;
  }

  /**
   * Waits until it is stopped.
   *
   * @throws JobFailedException when it fails
   */
  public void await() {
    boolean ended = false;
    while (!ended) {
      ended = await(Duration.ofMinutes(1));
    }
  }

  /**
   * Waits for some time.
   *
   * @return whether it has ended
   * @throws JobFailedException when it fails; it is stopped first
   */
  public boolean await(Duration most) {
    try {
      return streams.awaitTerminationOrTimeout(most.toMillis());
    } catch (Exception e) {
      // Scala throws checked exceptions without declaring them.
      Throwable first = work.failure().orElse(e);
      abandon(first);
      throw failed(first);
    }
  }

  private static JobFailedException failed(Throwable e) {
    return e instanceof JobFailedException told
        ? told
        : new JobFailedException("The job stopped: " + JobFailedException.reason(e), e);
  }

  /** Ends what runs, for a failure, which alone is thrown. */
  void abandon(Throwable failure) {
    try {
      stop(Ending.AT_ONCE);
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  /**
   * Stops it behind the batch that is being written, if that ends within 30 s, and closes what the
   * sinks hold. Where rows come from receivers, all that these have stored is written first.
   * Batches that are cut off, or wait, are written by the next start.
   */
  @Override
  public void close() {
    if (work.routes().receivers() > 0) {
      stop(Ending.DRAINED);
      return;
    }
    boolean held = work.hold(PATIENCE);
    try {
      stop(Ending.AT_ONCE);
    } finally {
      if (held) {
        work.release();
      }
    }
  }

  private enum Ending {
    DRAINED,
    AT_ONCE
  }

  private void stop(Ending ending) {
    synchronized (closing) {
      if (!closed) {
        closed = true;
        try {
          streams.stop(false, ending == Ending.DRAINED);
        } finally {
          work.close();
        }
      }
    }
  }
}
