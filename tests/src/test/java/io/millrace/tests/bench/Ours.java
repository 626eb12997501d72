package io.millrace.tests.bench;

import io.millrace.engine.Builtin;
import io.millrace.engine.plan.Catalog;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.plan.Planner;
import io.millrace.engine.run.Launcher;
import io.millrace.engine.run.RunningJob;
import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.JobFile;
import io.millrace.engine.spec.JobSpec;
import io.millrace.engine.spec.Variables;
import io.millrace.sinks.SinksPlugin;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Our side: a job file on the way that {@code millrace run} takes. */
final class Ours {
  private static final Catalog CATALOG =
      Catalog.of(List.of(new Builtin(), new SinksPlugin(), new Ledgerless()));

  private Ours() {}

  static void run(Launcher launcher, String job, Map<String, String> variables, Path folder)
      throws IOException {
    Path file = folder.resolve(job + ".yaml");
    try (InputStream text = Ours.class.getResourceAsStream("/bench/" + job + ".yaml")) {
      Files.copy(Objects.requireNonNull(text, job), file);
    }
    Findings findings = new Findings();
    Optional<JobSpec> spec = JobFile.read(file, Variables.of(variables), findings);
    Optional<Plan> plan = spec.flatMap(known -> new Planner(CATALOG).plan(known, findings));
    findings.throwIfAny();
    try (RunningJob running = launcher.launch(plan.orElseThrow())) {
      running.await();
    }
  }
}
