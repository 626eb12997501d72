package io.millrace.jobs.demo;

import io.millrace.engine.spi.BatchReport;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.spark.sql.streaming.StateOperatorProgress;
import org.apache.spark.sql.streaming.StreamingQueryListener;
import org.apache.spark.sql.streaming.StreamingQueryProgress;

/**
 * What Spark says that its stateful steps left out. It hears of a batch some time after the batch
 * itself; safe for use by several threads.
 */
public final class Dropped extends StreamingQueryListener implements Consumer<BatchReport> {
  private final Map<String, Long> done = new HashMap<>();
  private final Map<String, Long> heard = new HashMap<>();
  private long late;
  private long repeated;

  /**
   * Rows that were left out.
   *
   * @param late behind the watermark
   * @param repeated seen before
   */
  public record Rows(long late, long repeated) {}

  /**
   * What was left out by all batches that are done.
   *
   * @throws IllegalStateException if Spark does not tell of them in time
   */
  public synchronized Rows await(Duration most) throws InterruptedException {
    long end = System.nanoTime() + most.toNanos();
    while (!done.equals(heard)) {
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new IllegalStateException(
            "Cannot count: Spark told of the batches " + heard + ", and done are " + done);
      }
      wait(left);
    }
    return new Rows(late, repeated);
  }

  @Override
  public synchronized void accept(BatchReport report) {
    done.put(report.query(), report.batch());
  }

  @Override
  public void onQueryStarted(QueryStartedEvent event) {}

  @Override
  public synchronized void onQueryProgress(QueryProgressEvent event) {
    StreamingQueryProgress progress = event.progress();
    String query = progress.name().substring(progress.name().indexOf('.') + 1);
    heard.put(query, progress.batchId());
    for (StateOperatorProgress operator : progress.stateOperators()) {
      late += operator.numRowsDroppedByWatermark();
      repeated += operator.customMetrics().getOrDefault("numDroppedDuplicateRows", 0L);
    }
    notifyAll();
  }

  @Override
  public void onQueryTerminated(QueryTerminatedEvent event) {}
}
