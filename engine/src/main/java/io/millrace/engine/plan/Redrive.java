package io.millrace.engine.plan;

import io.millrace.engine.spi.Limit;
import io.millrace.engine.spi.Writing;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Plans of a job over rows that it has refused before: its own steps and sinks as they are now,
 * another source, once. Sinks must be none that state is kept for.
 */
public final class Redrive {
  private final Plan plan;
  private final String ledger;
  private final String checkpoint;

  /**
   * Plans of one job.
   *
   * @param ledger the name under which sinks remember what is written
   * @param checkpoint the folder of the checkpoints
   */
  public Redrive(Plan plan, String ledger, String checkpoint) {
    this.plan = plan;
    this.ledger = ledger;
    this.checkpoint = checkpoint;
  }

  /** The whole way to some sinks, from what stands in for each stream. */
  public Plan through(UnaryOperator<Plan.Input> standIn, Set<String> sinks) {
    return plan(
        plan.inputs().stream().map(input -> input.fixed() ? input : standIn.apply(input)).toList(),
        plan.stages(),
        plan.outputs().stream().filter(output -> sinks.contains(output.name())).toList());
  }

  /** Straight from an input to a sink, whose columns it has. */
  public Plan straight(Plan.Input rows, String sink) {
    Plan.Output to = plan.output(sink);
    return plan(
        List.of(rows),
        List.of(),
        List.of(
            new Plan.Output(
                to.name(),
                to.at(),
                to.sink(),
                rows.name(),
                Optional.empty(),
                to.how(),
                to.guarantee(),
                to.trigger())));
  }

  private Plan plan(List<Plan.Input> inputs, List<Plan.Stage> stages, List<Plan.Output> outputs) {
    List<Plan.Output> once = outputs.stream().map(Redrive::once).toList();
    Graph graph = new Graph(inputs, stages);
    return new Plan(
        plan.job(),
        ledger,
        plan.spark(),
        checkpoint,
        inputs,
        stages,
        once,
        plan.deadLetters().map(Redrive::unlimited),
        new Grouping(graph, Set.of(), plan.deadLetters().isPresent()).queries(once),
        plan.modes(),
        plan.audit());
  }

  private static Plan.Output once(Plan.Output output) {
    return new Plan.Output(
        output.name(),
        output.at(),
        output.sink(),
        output.from(),
        output.when(),
        output.how(),
        output.guarantee(),
        new Plan.Trigger.AvailableNow());
  }

  /** A limit is for the rows of a stream: of those refused before, many are refused again. */
  private static Plan.Output unlimited(Plan.Output letters) {
    Writing how = letters.how();
    return new Plan.Output(
        letters.name(),
        letters.at(),
        letters.sink(),
        letters.from(),
        letters.when(),
        new Writing(how.mode(), how.write(), how.faults(), Limit.NONE),
        letters.guarantee(),
        letters.trigger());
  }
}
