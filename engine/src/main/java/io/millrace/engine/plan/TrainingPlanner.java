package io.millrace.engine.plan;

import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.InvalidJobException;
import io.millrace.engine.spec.JobSpec;
import io.millrace.engine.spec.StepSpec;
import io.millrace.engine.spec.TrainingSpec;
import io.millrace.engine.spi.Trainer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** From a training file to a plan, by the same checks as a job. Nothing is started. */
public final class TrainingPlanner {
  private final Catalog catalog;

  public TrainingPlanner(Catalog catalog) {
    this.catalog = catalog;
  }

  /**
   * The plan of a training.
   *
   * @throws InvalidJobException with all that is wrong
   */
  public TrainingPlan plan(TrainingSpec training) {
    Findings findings = new Findings();
    Optional<TrainingPlan> plan = plan(training, findings);
    findings.throwIfAny();
    return plan.orElseThrow();
  }

  /** The plan, if nothing is wrong; else findings are added. */
  public Optional<TrainingPlan> plan(TrainingSpec training, Findings findings) {
    JobSpec job = asJob(training);
    Parts parts = new Parts(catalog, findings);
    Map<String, String> spark = SparkSettings.checked(job.spark(), findings);
    List<Plan.Input> inputs = parts.inputs(job.sources());
    List<Plan.Stage> stages = parts.stages(job.steps());
    Optional<Trainer> trainer = parts.trainer(training.trainer());
    List<Plan.Stage> wired = new Wiring(job, findings).check(inputs, stages);
    new Analyzer(new JobPlaces(job), spark)
        .analyze(inputs, wired, List.of(), Analyzer.Run.BATCH, findings);
    if (!findings.isEmpty() || trainer.isEmpty()) {
      return Optional.empty();
    }
    List<StepSpec> steps = training.steps();
    String last =
        steps.isEmpty()
            ? training.source().name().text()
            : steps.get(steps.size() - 1).name().text();
    return Optional.of(
        new TrainingPlan(training.model().text(), spark, inputs, wired, last, trainer.get()));
  }

  private static JobSpec asJob(TrainingSpec training) {
    return new JobSpec(
        training.model(),
        training.folder(),
        Optional.empty(),
        training.spark(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Stream.concat(Stream.of(training.source()), training.tables().stream()).toList(),
        training.steps(),
        Optional.empty(),
        List.of(),
        List.of());
  }
}
