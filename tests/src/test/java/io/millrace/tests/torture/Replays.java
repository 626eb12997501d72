package io.millrace.tests.torture;

import io.millrace.engine.plan.Catalog;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.plan.Planner;
import io.millrace.engine.run.JobFailedException;
import io.millrace.engine.run.Launcher;
import io.millrace.engine.run.RunningJob;
import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.JobFile;
import io.millrace.engine.spec.JobSpec;
import io.millrace.engine.spec.Variables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;

/**
 * The cheap half of a death: in one JVM, a job that ends by itself is run, the note of its last
 * batch is taken from its checkpoint, and it is run again, so that the batch comes again.
 */
final class Replays {
  private final SparkSession spark;
  private final Trial trial;
  private final List<Table> tables;
  private final Catalog catalog;
  private final Checkpoint checkpoint;
  private final Map<String, Integer> done = new TreeMap<>();

  Replays(SparkSession spark, Trial trial, List<Table> tables, Catalog catalog) {
    this.spark = spark;
    this.trial = trial;
    this.tables = tables;
    this.catalog = catalog;
    this.checkpoint = trial.checkpoint();
  }

  /**
   * Runs the job over so many records in so many rounds, and each batch at the end of one twice.
   */
  Outcome run(long seed, int rounds, long records) throws IOException, InterruptedException {
    long begin = System.nanoTime();
    Plan plan = plan();
    Random random = new Random(seed);
    long quota = Math.max(1, (records - Workload.FIRST) / rounds);
    try (Feeder feeder =
            new Feeder(trial.servers(), trial.job(), new Workload(seed), (int) Math.max(1, quota));
        Watcher watcher = new Watcher(tables, checkpoint).start()) {
      feeder.allow(Workload.FIRST);
      feeder.await();
      launch(plan);
      for (int round = 0; round < rounds; round++) {
        feeder.allow(quota);
        feeder.await();
        launch(plan);
        forget();
        if (random.nextBoolean()) {
          launch(plan);
        }
      }
      feeder.end();
      launch(plan);
      forget();
      launch(plan);
      watcher.look();
      Truth truth = Truth.of(trial.servers(), trial.job());
      double seconds = (System.nanoTime() - begin) / 1e9;
      return new Outcome(
          watcher.accounts(truth),
          done,
          List.of(),
          0,
          feeder.sent() + Workload.PARTITIONS,
          watcher.count(),
          seconds,
          seconds);
    }
  }

  private Plan plan() throws IOException {
    Path file = Files.writeString(trial.folder().resolve("job.yaml"), trial.text());
    Findings findings = new Findings();
    Optional<JobSpec> job =
        JobFile.read(file, Variables.of(trial.variables("available-now")), findings);
    Optional<Plan> plan = job.flatMap(spec -> new Planner(catalog).plan(spec, findings));
    findings.throwIfAny();
    return plan.orElseThrow();
  }

  /** Until all that is there is delivered; a crash in between is another start. */
  private void launch(Plan plan) {
    boolean crashed = true;
    while (crashed) {
      count("start");
      try (RunningJob job = new Launcher(spark).launch(plan)) {
        job.await();
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
