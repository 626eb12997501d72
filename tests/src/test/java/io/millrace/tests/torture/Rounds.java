package io.millrace.tests.torture;

import io.millrace.engine.plan.Catalog;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.plan.Planner;
import io.millrace.engine.run.Launcher;
import io.millrace.engine.run.RunningJob;
import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.JobFile;
import io.millrace.engine.spec.JobSpec;
import io.millrace.engine.spec.Variables;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;

/** Runs a job within this JVM, each time until all that is there is delivered. */
final class Rounds {
  private final SparkSession spark;
  private final Plan plan;

  Rounds(SparkSession spark, Trial trial, Catalog catalog) {
    this.spark = spark;
    this.plan = plan(trial, catalog);
  }

  private static Plan plan(Trial trial, Catalog catalog) {
    try {
      Path file = Files.writeString(trial.folder().resolve("job.yaml"), trial.text());
      Findings findings = new Findings();
      Optional<JobSpec> job =
          JobFile.read(file, Variables.of(trial.variables("available-now")), findings);
      Optional<Plan> plan = job.flatMap(spec -> new Planner(catalog).plan(spec, findings));
      findings.throwIfAny();
      return plan.orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write the job of " + trial.job(), e);
    }
  }

  /** Another start, to its end. */
  void run() {
    run(Launcher.Start.CHECKED);
  }

  /** The same, with what is to become of a checkpoint that does not fit. */
  void run(Launcher.Start start) {
    run(plan, start);
  }

  /** Another job, to its end. */
  void run(Plan other) {
    run(other, Launcher.Start.CHECKED);
  }

  /** The job. */
  Plan plan() {
    return plan;
  }

  private void run(Plan which, Launcher.Start start) {
    // As a new process, it knows no table yet.
    DeltaLog.clearCache();
    try (RunningJob job = new Launcher(spark).launch(which, start)) {
      job.await();
    }
  }
}
