package io.millrace.engine.plan;

import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.JobSpec;
import io.millrace.engine.spi.OffsetLedger;
import io.millrace.engine.spi.Sink;
import io.millrace.engine.spi.Step;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.jspecify.annotations.Nullable;

/**
 * What keeps a query from running in real time, as far as a plan can tell. What it cannot, the
 * start of the query tells.
 */
final class RealTime {
  private final Plan plan;
  private final Graph graph;
  private final Lateness lateness;
  private final Analysis analysis;

  RealTime(Plan plan, Analysis analysis) {
    this.plan = plan;
    this.graph = new Graph(plan.inputs(), plan.stages());
    this.lateness = new Lateness(graph);
    this.analysis = analysis;
  }

  /** The same of a plan that is sound. */
  static RealTime of(JobSpec job, Plan plan) {
    return new RealTime(
        plan,
        new Analyzer(new JobPlaces(job), plan.spark())
            .analyze(
                plan.inputs(), plan.stages(), plan.outputs(), Analyzer.Run.STREAM, new Findings()));
  }

  /** All that stands in the way, each with what would work. */
  List<String> obstacles(Plan.Query query) {
    List<String> all = new ArrayList<>();
    Set<String> nodes = new LinkedHashSet<>();
    ends(query).forEach(end -> nodes.addAll(graph.upstream(end)));
    nodes.stream().filter(graph::streams).forEach(node -> node(node, all));
    ends(query).stream().flatMap(end -> readTwice(end).stream()).distinct().forEach(all::add);
    beside(query).ifPresent(all::add);
    for (String name : query.outputs()) {
      Sink unused = sink(plan.output(name), "sink '" + name + "'", all);
    }
    plan.deadLetters().ifPresent(output -> letters(output, all));
    return all;
  }

  /** What is in the way, without what would work. */
  static String withoutCure(String obstacle) {
    return obstacle.split("\\. ", 2)[0];
  }

  private List<String> ends(Plan.Query query) {
    List<String> ends = new ArrayList<>();
    query.outputs().forEach(name -> ends.add(plan.output(name).from()));
    ends.addAll(query.tags());
    return ends.stream().distinct().toList();
  }

  private void node(String node, List<String> all) {
    graph
        .input(node)
        .flatMap(input -> input.source().notInRealTime())
        .ifPresent(why -> all.add("source '" + node + "' " + why));
    if (lateness.watermark(node).flatMap(Step::idle).isPresent()) {
      all.add("'" + node + "' reads a clock beside its rows. Leave out idle");
    }
    if (graph.stage(node).isPresent()) {
      step(node).ifPresent(why -> all.add("step '" + node + "' " + why));
    }
  }

  private Optional<String> step(String step) {
    if (analysis.stateful().contains(step)) {
      return Optional.of(
          "keeps state from one batch to the next. Give what is behind it a trigger such as 10s");
    }
    Optional<LogicalPlan> own = analysis.plans().getOrDefault(step, Optional.empty());
    return own.flatMap(RealTimeOperators::shuffles)
        .map(
            operator ->
                "moves rows between tasks, by "
                    + operator
                    + ". Pick, compute and filter row by row in it, or give what is behind it a"
                    + " trigger such as 10s")
        .or(
            () ->
                own.filter(RealTimeOperators::readsClock)
                    .map(
                        plan ->
                            "reads the clock, which stands still for a whole batch. Take a time of"
                                + " the row, such as the timestamp of its record"));
  }

  /** Sources that a node reads by more ways than one: Spark would not know how far each came. */
  private List<String> readTwice(String end) {
    Map<String, Integer> ways = new LinkedHashMap<>();
    count(end, ways);
    return ways.entrySet().stream()
        .filter(source -> source.getValue() > 1)
        .map(
            source ->
                "source '%s' is read %d times on the way to '%s'. Let one step do what these do"
                    .formatted(source.getKey(), source.getValue(), end))
        .toList();
  }

  private Optional<String> beside(Plan.Query query) {
    List<String> tags = query.tags().stream().filter(tag -> lateness.beside(tag, query)).toList();
    return tags.isEmpty() || query.stateful()
        ? Optional.empty()
        : Optional.of(
            "the dead letters of '%s' are read beside the rows of '%s'. Give what is read there a sink of its own in real time, or write dead-letters: drop"
                .formatted(String.join("', '", tags), query.root()));
  }

  private void count(String node, Map<String, Integer> ways) {
    if (graph.input(node).isPresent()) {
      ways.merge(node, 1, Integer::sum);
    }
    graph.streamParents(node).forEach(parent -> count(parent, ways));
  }

  private static void letters(Plan.Output output, List<String> all) {
    List<String> own = new ArrayList<>();
    if (sink(output, "the target of dead-letters", own) instanceof OffsetLedger) {
      own.add("the target of dead-letters takes rows of partitions only");
    }
    own.forEach(why -> all.add(withoutCure(why) + ". Name kafka there, or drop them"));
  }

  private static @Nullable Sink sink(Plan.Output output, String name, List<String> all) {
    try {
      return output.sink().inRealTime(output.how());
    } catch (IllegalArgumentException e) {
      all.add(name + " " + e.getMessage());
      return null;
    }
  }
}
