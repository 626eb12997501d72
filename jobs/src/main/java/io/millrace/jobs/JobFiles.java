package io.millrace.jobs;

import io.millrace.engine.plan.Analyzer;
import io.millrace.engine.plan.Catalog;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.plan.Planner;
import io.millrace.engine.plan.TrainingPlan;
import io.millrace.engine.plan.TrainingPlanner;
import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.InvalidJobException;
import io.millrace.engine.spec.JobFile;
import io.millrace.engine.spec.JobReader;
import io.millrace.engine.spec.JobSpec;
import io.millrace.engine.spec.NamedFiles;
import io.millrace.engine.spec.TrainingReader;
import io.millrace.engine.spec.Tree;
import io.millrace.engine.spec.Variables;
import io.millrace.jobs.trial.Replaced;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** From a file to a plan, with every mistake on the way. */
public final class JobFiles {
  private final Catalog catalog;
  private final Variables variables;
  private final Map<String, String> places;

  /** Files as this process sees them: its plugins, its environment. */
  public JobFiles() {
    this(Catalog.load(), Variables.ofEnvironment());
  }

  public JobFiles(Catalog catalog, Variables variables) {
    this(catalog, variables, Map.of());
  }

  /**
   * Files that came from elsewhere.
   *
   * @param places of the files that they name, by those names
   */
  public JobFiles(Catalog catalog, Variables variables, Map<String, String> places) {
    this.catalog = catalog;
    this.variables = variables;
    this.places = Map.copyOf(places);
  }

  /** A job as written, and what becomes of it. */
  public record Planned(JobSpec job, Plan plan) {}

  /** What a file describes, as far as it is sound. */
  public sealed interface Checked {
    record Job(Optional<Plan> plan) implements Checked {}

    record Training() implements Checked {}
  }

  /** Adds all that is wrong with a job or training file, and tells which of them it is. */
  public Checked check(Path file, Findings findings) {
    Optional<Tree> tree = JobFile.tree(readable(file), variables, findings);
    if (tree.isPresent() && TrainingReader.accepts(tree.get())) {
      TrainingReader.read(tree.get(), JobFile.folder(file), findings)
          .ifPresent(spec -> new TrainingPlanner(catalog).plan(spec, findings));
      return new Checked.Training();
    }
    return new Checked.Job(
        tree.flatMap(written -> JobReader.read(written, JobFile.folder(file), findings))
            .flatMap(spec -> new Planner(catalog).plan(spec, findings)));
  }

  /**
   * The plan of a job file.
   *
   * @throws InvalidJobException with all that is wrong
   */
  public Planned plan(Path file, Analyzer.Run run) {
    Findings findings = new Findings();
    Optional<JobSpec> job =
        JobFile.tree(readable(file), variables, findings)
            .map(tree -> NamedFiles.moved(tree, places))
            .flatMap(tree -> JobReader.read(tree, JobFile.folder(file), findings));
    Optional<Plan> plan = job.flatMap(spec -> new Planner(catalog, run).plan(spec, findings));
    findings.throwIfAny();
    return new Planned(job.orElseThrow(), plan.orElseThrow());
  }

  /**
   * A job of which only the tests run: variables and files that only its sources and sinks name
   * need not be there.
   *
   * @throws InvalidJobException with all that is wrong
   */
  public Planned tested(Path file) {
    Findings findings = new Findings();
    Optional<JobSpec> job =
        JobFile.treeOfTests(readable(file), variables, findings)
            .flatMap(tree -> JobReader.read(tree, JobFile.folder(file), findings));
    Optional<Plan> plan =
        job.map(Replaced::of).flatMap(spec -> new Planner(catalog).plan(spec, findings));
    findings.throwIfAny();
    return new Planned(job.orElseThrow(), plan.orElseThrow());
  }

  /**
   * The plan of a training file.
   *
   * @throws InvalidJobException with all that is wrong
   */
  public TrainingPlan training(Path file) {
    Findings findings = new Findings();
    Optional<TrainingPlan> plan =
        JobFile.readTraining(readable(file), variables, findings)
            .flatMap(spec -> new TrainingPlanner(catalog).plan(spec, findings));
    findings.throwIfAny();
    return plan.orElseThrow();
  }

  private static Path readable(Path file) {
    String wrong = "";
    if (!Files.exists(file)) {
      wrong = "there is no such file";
    } else if (Files.isDirectory(file)) {
      wrong = "it is a folder. Name a file in it";
    } else if (!Files.isRegularFile(file)) {
      wrong = "it is no plain file. Save it as one";
    } else if (!Files.isReadable(file)) {
      wrong = "this user may not. Give the right to read it";
    }
    if (!wrong.isEmpty()) {
      throw new WrongSurroundings("Cannot read " + file + ": " + wrong);
    }
    return file;
  }
}
