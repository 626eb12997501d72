package io.millrace.engine.run;

import io.millrace.engine.plan.Graph;
import io.millrace.engine.plan.Plan;
import java.util.List;
import java.util.Set;

/** Which sinks lack a row that a step refused: those that it would have come to by that step. */
final class DriveSinks {
  private final Plan plan;
  private final Graph graph;
  private final Set<String> only;

  /**
   * The sinks of a job.
   *
   * @param only those that are meant; all if it is empty
   * @throws IllegalArgumentException with a sentence, if one of them is not there
   */
  DriveSinks(Plan plan, Set<String> only) {
    this.plan = plan;
    this.graph = new Graph(plan.inputs(), plan.stages());
    this.only = only;
    for (String sink : only) {
      if (!sink(plan, sink)) {
        throw new IllegalArgumentException(
            "There is no sink %s. The job has %s"
                .formatted(
                    sink,
                    String.join(", ", plan.outputs().stream().map(Plan.Output::name).toList())));
      }
    }
  }

  /** Whether a job has a sink of this name. */
  static boolean sink(Plan plan, String name) {
    return plan.outputs().stream().anyMatch(output -> output.name().equals(name));
  }

  /**
   * The sinks that a letter can be driven to.
   *
   * @param source of its row; empty if it is not known
   * @param step that refused it, or the sink
   * @throws IllegalArgumentException with a sentence, if its row cannot go there again
   */
  List<String> lacking(String source, String step) {
    if (sink(plan, step)) {
      return only.isEmpty() || only.contains(step) ? List.of(step) : List.of();
    }
    if (!graph.order().contains(step)) {
      throw new IllegalArgumentException(
          "Cannot drive letters of step %s: the job has no such step any more, so it is not known which sinks lack them. Choose others with --step"
              .formatted(step));
    }
    List<Plan.Output> behind =
        plan.outputs().stream()
            .filter(output -> only.isEmpty() || only.contains(output.name()))
            .filter(output -> graph.upstream(output.from()).contains(step))
            .toList();
    if (!behind.isEmpty()) {
      failIfUnreadable(source, step);
    }
    for (Plan.Output output : behind) {
      failIfStateful(output, step);
      if (!step.equals(source) && passesBy(output.from(), source, step)) {
        throw new IllegalArgumentException(
            "Cannot drive letters of step %s to sink %s: rows also come to it on a way around that step, and are there already. Name other sinks with --sink"
                .formatted(step, output.name()));
      }
    }
    return behind.stream().map(Plan.Output::name).toList();
  }

  /**
   * Whether rows of a source that a sink refused can be read again, and come to it as single rows.
   */
  boolean readable(String source, String sink) {
    Plan.Output output = plan.output(sink);
    return graph.upstream(output.from()).contains(source)
        && graph
            .input(source)
            .filter(found -> !found.fixed() && found.decoder().isPresent())
            .isPresent()
        && plan.queries().stream()
            .noneMatch(query -> query.stateful() && query.outputs().contains(sink));
  }

  private void failIfUnreadable(String source, String step) {
    Plan.Input input =
        graph
            .input(source)
            .filter(found -> !found.fixed())
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "Cannot drive letters of step %s: %s. Choose others with --step"
                            .formatted(
                                step,
                                source.isEmpty()
                                    ? "they do not say which source they are from"
                                    : "the job has no source " + source + " any more")));
    if (input.decoder().isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot drive letters of source %s: it decodes its rows by itself. Put them into the source again, or choose others with --source"
              .formatted(source));
    }
  }

  private void failIfStateful(Plan.Output output, String step) {
    plan.queries().stream()
        .filter(query -> query.stateful() && query.outputs().contains(output.name()))
        .findFirst()
        .ifPresent(
            query -> {
              throw new IllegalArgumentException(
                  "Cannot drive letters of step %s to sink %s: step %s keeps state, which has gone on without these rows. Name the sinks that can take them with --sink"
                      .formatted(step, output.name(), query.root()));
            });
  }

  private boolean passesBy(String node, String source, String step) {
    return !node.equals(step)
        && (node.equals(source)
            || graph.parents(node).stream().anyMatch(parent -> passesBy(parent, source, step)));
  }
}
