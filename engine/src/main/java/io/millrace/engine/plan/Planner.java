package io.millrace.engine.plan;

import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.InvalidJobException;
import io.millrace.engine.spec.JobSpec;
import io.millrace.engine.spi.Limit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * From a job as written to a plan. Nothing is started: no Spark session, no connection. Every
 * mistake of the job is found at once.
 */
public final class Planner {
  private final Catalog catalog;
  private final Analyzer.Run run;

  /** A planner of jobs that run as streams. */
  public Planner(Catalog catalog) {
    this(catalog, Analyzer.Run.STREAM);
  }

  public Planner(Catalog catalog, Analyzer.Run run) {
    this.catalog = catalog;
    this.run = run;
  }

  /**
   * The plan of a job.
   *
   * @throws InvalidJobException with all that is wrong
   */
  public Plan plan(JobSpec job) {
    Findings findings = new Findings();
    Optional<Plan> plan = plan(job, findings);
    findings.throwIfAny();
    return plan.orElseThrow();
  }

  /** The plan, if nothing is wrong; else findings are added. */
  public Optional<Plan> plan(JobSpec job, Findings findings) {
    Parts parts = new Parts(catalog, findings);
    Map<String, String> spark = SparkSettings.checked(job.spark(), findings);
    Plan.Audit audit = parts.audit(job.audit());
    List<Plan.Input> inputs = parts.inputs(job.sources());
    List<Plan.Stage> stages = parts.stages(job.steps());
    Limit limit = job.deadLetters().map(parts::limit).orElse(Limit.NONE);
    List<Plan.Output> outputs = parts.outputs(job.sinks(), job.deadLetters(), limit);
    Optional<Plan.Output> deadLetters =
        job.deadLetters()
            .flatMap(spec -> parts.deadLetters(spec, limit))
            .map(
                output ->
                    job.engine().isPresent() ? output.promising(DStreamCheck::atMost) : output);

    Wiring wiring = new Wiring(job, findings);
    List<Plan.Stage> wired = wiring.check(inputs, stages);
    Graph graph = new Graph(inputs, wired);
    needsDeadLetters(job, graph, findings);
    needsCheckpoint(job, findings);

    Analysis analysis =
        new Analyzer(new JobPlaces(job), spark)
            .analyze(inputs, wired, wiring.connected(outputs), run, findings);
    Optional<Plan.Engine> engine = engine(job, graph, outputs, analysis, findings);
    new LateCheck(job, graph, findings).check(analysis.stateful());
    TestCheck.check(job, findings);
    List<Plan.Output> promised =
        promised(job, parts.promises(wiring.connected(outputs), job.sinks(), graph));
    if (!findings.isEmpty()) {
      return Optional.empty();
    }
    List<Plan.Query> queries =
        grouping(job, graph, analysis.stateful(), deadLetters.isPresent()).queries(promised);
    new IdleCheck(job, graph, findings).check(queries);
    if (run == Analyzer.Run.STREAM) {
      new ReuseCheck(job, graph, analysis, findings).check(queries);
    }
    if (!findings.isEmpty()) {
      return Optional.empty();
    }
    Plan plan =
        new Plan(
            job.name().text(),
            job.name().text(),
            spark,
            job.checkpoint().orElseThrow().text(),
            inputs,
            wired,
            promised,
            deadLetters,
            queries,
            job.engine().isPresent()
                ? DStreamCheck.modes(graph, promised, analysis.modes())
                : analysis.modes(),
            audit,
            engine.orElseThrow());
    new RealTimeCheck(job, new RealTime(plan, analysis), findings).check(queries);
    return Optional.of(plan).filter(sound -> findings.isEmpty());
  }

  private static Optional<Plan.Engine> engine(
      JobSpec job, Graph graph, List<Plan.Output> outputs, Analysis analysis, Findings findings) {
    if (job.engine().isPresent()) {
      return new DStreamCheck(job, graph, findings).check(outputs, analysis.stateful());
    }
    DStreamCheck.structured(job, graph, findings);
    return Optional.of(new Plan.Engine.Structured());
  }

  /** What DStreams carry has rows of other batches than the dead letters of this one. */
  private static Grouping grouping(
      JobSpec job, Graph graph, Set<String> stateful, boolean keepsDeadLetters) {
    Grouping grouping = new Grouping(graph, stateful, keepsDeadLetters);
    return job.engine().isPresent() ? grouping.withLettersApart() : grouping;
  }

  private static List<Plan.Output> promised(JobSpec job, List<Plan.Output> outputs) {
    return job.engine().isPresent()
        ? outputs.stream().map(output -> output.promising(DStreamCheck::atMost)).toList()
        : outputs;
  }

  private static void needsCheckpoint(JobSpec job, Findings findings) {
    if (job.checkpoint().isEmpty()) {
      findings.add(
          job.name().at(),
          "checkpoint",
          "Missing checkpoint. Name the folder that remembers how far the job came, such as"
              + " checkpoint: /data/checkpoints/"
              + job.name());
    }
  }

  private static void needsDeadLetters(JobSpec job, Graph graph, Findings findings) {
    List<String> tagging = graph.order().stream().filter(graph::tags).toList();
    if (!tagging.isEmpty() && job.deadLetters().isEmpty()) {
      findings.add(
          job.name().at(),
          "dead-letters",
          "Missing dead-letters: '"
              + String.join("', '", tagging)
              + "' may refuse rows. Name a target, such as dead-letters: {delta: {path: ...}}, or"
              + " write dead-letters: drop");
    }
  }
}
