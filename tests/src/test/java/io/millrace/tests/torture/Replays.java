package io.millrace.tests.torture;

import io.millrace.engine.plan.Catalog;
import io.millrace.engine.run.JobFailedException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;

/**
 * The cheap half of a death: in one JVM, a job that ends by itself is run, the note of its last
 * batch is taken from its checkpoint, and it is run again, so that the batch comes again.
 */
final class Replays {
  private final Rounds starts;
  private final Trial trial;
  private final List<Table> tables;
  private final Checkpoint checkpoint;
  private final Map<String, Integer> done = new TreeMap<>();

  Replays(SparkSession spark, Trial trial, List<Table> tables, Catalog catalog) {
    this.starts = new Rounds(spark, trial, catalog);
    this.trial = trial;
    this.tables = tables;
    this.checkpoint = trial.checkpoint();
  }

  /**
   * Runs the job over so many records in so many rounds, and each batch at the end of one twice.
   */
  Outcome run(long seed, int rounds, long records) throws IOException, InterruptedException {
    long begin = System.nanoTime();
    Random random = new Random(seed);
    long quota = Math.max(1, (records - Workload.FIRST) / rounds);
    try (Feeder feeder =
            new Feeder(trial.servers(), trial.job(), new Workload(seed), (int) Math.max(1, quota));
        Watcher watcher = new Watcher(tables, checkpoint).start()) {
      feeder.allow(Workload.FIRST);
      feeder.await();
      launch();
      for (int round = 0; round < rounds; round++) {
        feeder.allow(quota);
        feeder.await();
        launch();
        forget();
        if (random.nextBoolean()) {
          launch();
        }
      }
      feeder.end();
      launch();
      forget();
      launch();
      watcher.look();
      Truth truth = Truth.of(trial.servers(), trial.job());
      return Outcome.within(
          watcher.accounts(truth),
          done,
          feeder.sent() + Workload.PARTITIONS,
          watcher.count(),
          begin);
    }
  }

  /** Until all that is there is delivered; a crash in between is another start. */
  private void launch() {
    boolean crashed = true;
    while (crashed) {
      count("start");
      try {
        starts.run();
        crashed = false;
      } catch (JobFailedException e) {
        if (!Crash.in(e)) {
          throw e;
        }
        count("crash");
      }
    }
  }

  private void forget() {
    for (String query : checkpoint.queries()) {
      if (checkpoint.forget(query)) {
        count("lost_commit");
      }
    }
  }

  private void count(String kind) {
    done.merge(kind, 1, Integer::sum);
  }

  /** Stands for a death in the middle of a batch. */
  static final class Crash extends RuntimeException {
    private static final long serialVersionUID = 1;

    Crash() {
      super("Cannot go on: the driver died here");
    }

    private static boolean in(Throwable failure) {
      for (Throwable at = failure; at != null; at = at.getCause()) {
        if (at instanceof Crash) {
          return true;
        }
      }
      return false;
    }
  }
}
