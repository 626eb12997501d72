package io.millrace.tests.bench;

import io.millrace.engine.Builtin;
import io.millrace.engine.plan.Catalog;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.plan.Planner;
import io.millrace.engine.plan.TrainingPlan;
import io.millrace.engine.plan.TrainingPlanner;
import io.millrace.engine.run.Launcher;
import io.millrace.engine.run.RunningJob;
import io.millrace.engine.run.Training;
import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.JobFile;
import io.millrace.engine.spec.JobSpec;
import io.millrace.engine.spec.Variables;
import io.millrace.engine.spi.Trainer;
import io.millrace.models.ModelsPlugin;
import io.millrace.sinks.SinksPlugin;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;

/** Our side: a job file on the way that {@code millrace run} takes. */
final class Ours {
  private static final Catalog CATALOG =
      Catalog.of(
          List.of(
              new Builtin(),
              new SinksPlugin(),
              new ModelsPlugin(),
              new Ledgerless(),
              new Made.Adding()));

  private Ours() {}

  static void run(Launcher launcher, String job, Map<String, String> variables, Path folder)
      throws IOException {
    try (RunningJob running = launcher.launch(plan(copied(job, folder), variables))) {
      running.await();
    }
  }

  /** The same, until the parent has seen enough. */
  static void run(
      Launcher launcher, String job, Map<String, String> variables, Path folder, Live live)
      throws Exception {
    try (RunningJob running = launcher.launch(plan(copied(job, folder), variables))) {
      live.await(running.queries().values().iterator().next());
    }
  }

  private static Plan plan(Path file, Map<String, String> variables) throws IOException {
    Findings findings = new Findings();
    Optional<JobSpec> spec = JobFile.read(file, Variables.of(variables), findings);
    Optional<Plan> plan = spec.flatMap(known -> new Planner(CATALOG).plan(known, findings));
    findings.throwIfAny();
    return plan.orElseThrow();
  }

  /** Trains the model of a training file. */
  static void train(SparkSession spark, String training, Map<String, String> variables, Path folder)
      throws IOException {
    Path file = copied(training, folder);
    Findings findings = new Findings();
    Optional<TrainingPlan> plan =
        JobFile.readTraining(file, Variables.of(variables), findings)
            .flatMap(known -> new TrainingPlanner(CATALOG).plan(known, findings));
    findings.throwIfAny();
    Trainer.Trained unused = new Training(spark).run(plan.orElseThrow());
  }

  private static Path copied(String job, Path folder) throws IOException {
    Path file = folder.resolve(job + ".yaml");
    try (InputStream text = Ours.class.getResourceAsStream("/bench/" + job + ".yaml")) {
      Files.copy(Objects.requireNonNull(text, job), file);
    }
    return file;
  }
}
