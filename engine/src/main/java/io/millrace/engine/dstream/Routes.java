package io.millrace.engine.dstream;

import io.millrace.engine.plan.Graph;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.spi.Carried;
import io.millrace.engine.spi.Feed;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Which streams the queries of a job are made of. */
record Routes(Plan plan, Graph graph) {
  /** The sources that are streams and that something reads. */
  List<Plan.Input> sources() {
    Set<String> used = new LinkedHashSet<>();
    plan.queries().forEach(query -> used.addAll(nodes(query)));
    return plan.inputs().stream()
        .filter(input -> !input.fixed() && used.contains(input.name()))
        .toList();
  }

  /** How many of them have a receiver. */
  long receivers() {
    return sources().stream()
        .filter(source -> source.source().feed().orElseThrow() instanceof Feed.Lines)
        .count();
  }

  /** The steps that have more than the rows of one batch. */
  List<String> carried() {
    return plan.queries().stream().flatMap(query -> carriedBy(query).stream()).distinct().toList();
  }

  Carried carried(String step) {
    return graph.stage(step).orElseThrow().step().carried().orElseThrow();
  }

  /** Whether a step has a total per key. */
  boolean total(String node) {
    return graph.stage(node).isPresent() && carried(node) instanceof Carried.Totals;
  }

  /** That of a query, if it has one: it has no more. */
  Optional<String> carriedBy(Plan.Query query) {
    return query.stateful()
        ? nodes(query).stream()
            .filter(node -> graph.streams(node))
            .filter(
                node -> graph.stage(node).filter(s -> s.step().carried().isPresent()).isPresent())
            .findFirst()
        : Optional.empty();
  }

  private Set<String> nodes(Plan.Query query) {
    Set<String> nodes = new LinkedHashSet<>(graph.upstream(query.root()));
    query.outputs().forEach(name -> nodes.addAll(graph.upstream(plan.output(name).from())));
    query.tags().forEach(tag -> nodes.addAll(graph.upstream(tag)));
    return nodes;
  }

  /** What a query reads, in the order of its streams. */
  List<String> feeds(Plan.Query query) {
    return carriedBy(query)
        .map(List::of)
        .orElseGet(
            () ->
                nodes(query).stream()
                    .filter(node -> graph.input(node).filter(in -> !in.fixed()).isPresent())
                    .toList());
  }

  /** Whether rows of a query may be gone when one of its batches comes again. */
  boolean forgetful(Plan.Query query) {
    return nodes(query).stream()
        .flatMap(node -> graph.input(node).stream())
        .anyMatch(input -> !input.source().replays());
  }

  /** What such a step reads, in the order of its streams. */
  List<String> sourcesOf(String step) {
    return graph.upstream(step).stream()
        .filter(node -> graph.input(node).filter(in -> !in.fixed()).isPresent())
        .toList();
  }

  Plan.Query query(String name) {
    return plan.queries().stream()
        .filter(query -> query.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** All that a checkpoint has of the job: one of another shape cannot be gone on with. */
  String shape() {
    String sources =
        sources().stream()
            .map(source -> "source " + source.name() + " " + source.source().feed().orElseThrow())
            .map(line -> line.replaceFirst("FolderFeed\\[.*", "files"))
            .collect(Collectors.joining("\n"));
    String steps =
        carried().stream()
            .map(step -> "step " + step + " " + shape(carried(step)) + " of " + sourcesOf(step))
            .collect(Collectors.joining("\n"));
    String queries =
        plan.queries().stream()
            .map(query -> "query " + query.name() + " of " + feeds(query))
            .collect(Collectors.joining("\n"));
    return String.join("\n", plan.engine().toString(), sources, steps, queries);
  }

  private static String shape(Carried carried) {
    return carried instanceof Carried.Window window
        ? "window of " + window.size() + " every " + window.every()
        : carried.toString();
  }
}
