package io.millrace.jobs;

import io.millrace.engine.plan.Analyzer;
import io.millrace.engine.plan.Catalog;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.plan.Planner;
import io.millrace.engine.plan.TrainingPlan;
import io.millrace.engine.plan.TrainingPlanner;
import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.InvalidJobException;
import io.millrace.engine.spec.JobReader;
import io.millrace.engine.spec.JobSpec;
import io.millrace.engine.spec.TrainingReader;
import io.millrace.engine.spec.TrainingSpec;
import io.millrace.engine.spec.Tree;
import io.millrace.engine.spec.YamlReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** From a file to a plan, with every mistake on the way. */
final class JobFiles {
  private JobFiles() {}

  /** A job as written, and what becomes of it. */
  record Planned(JobSpec job, Plan plan) {}

  /** Adds all that is wrong with a job or training file. */
  static void check(Path file, Findings findings) {
    Optional<Tree> tree = tree(file, findings);
    if (tree.isPresent() && isTraining(tree.get())) {
      TrainingReader.read(tree.get(), folder(file), findings)
          .ifPresent(spec -> new TrainingPlanner(Catalog.load()).plan(spec, findings));
    } else if (tree.isPresent()) {
      JobReader.read(tree.get(), folder(file), findings)
          .ifPresent(spec -> new Planner(Catalog.load()).plan(spec, findings));
    }
  }

  /**
   * The plan of a job file.
   *
   * @throws InvalidJobException with all that is wrong
   */
  static Planned plan(Path file, Analyzer.Run run) {
    Findings findings = new Findings();
    Optional<JobSpec> job =
        tree(file, findings).flatMap(tree -> JobReader.read(tree, folder(file), findings));
    Optional<Plan> plan =
        job.flatMap(spec -> new Planner(Catalog.load(), run).plan(spec, findings));
    findings.throwIfAny();
    return new Planned(job.orElseThrow(), plan.orElseThrow());
  }

  /**
   * The plan of a training file.
   *
   * @throws InvalidJobException with all that is wrong
   */
  static TrainingPlan training(Path file) {
    Findings findings = new Findings();
    Optional<TrainingSpec> training =
        tree(file, findings).flatMap(tree -> TrainingReader.read(tree, folder(file), findings));
    Optional<TrainingPlan> plan =
        training.flatMap(spec -> new TrainingPlanner(Catalog.load()).plan(spec, findings));
    findings.throwIfAny();
    return plan.orElseThrow();
  }

  private static Optional<Tree> tree(Path file, Findings findings) {
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw new WrongSurroundings("Cannot read " + file + ": there is no such file");
    }
    return YamlReader.read(file, findings);
  }

  private static boolean isTraining(Tree tree) {
    return tree instanceof Tree.Fields fields
        && fields.fields().containsKey("model")
        && !fields.fields().containsKey("job");
  }

  private static Path folder(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    return parent == null ? Path.of("").toAbsolutePath() : parent;
  }
}
