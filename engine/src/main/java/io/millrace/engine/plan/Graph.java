package io.millrace.engine.plan;

import io.millrace.engine.spi.Step;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What reads what, in a job without cycles. Nodes are sources and steps, by name. */
public final class Graph {
  private final Map<String, Plan.Input> inputs = new LinkedHashMap<>();
  private final Map<String, Plan.Stage> stages = new LinkedHashMap<>();

  public Graph(List<Plan.Input> inputs, List<Plan.Stage> stages) {
    inputs.forEach(input -> this.inputs.put(input.name(), input));
    stages.forEach(stage -> this.stages.put(stage.name(), stage));
  }

  public Optional<Plan.Input> input(String node) {
    return Optional.ofNullable(inputs.get(node));
  }

  public Optional<Plan.Stage> stage(String node) {
    return Optional.ofNullable(stages.get(node));
  }

  /** What a node reads; nothing for a source. */
  public List<String> parents(String node) {
    return stage(node).map(Plan.Stage::from).orElse(List.of());
  }

  /** Whether a node changes over time. */
  public boolean streams(String node) {
    return input(node)
        .map(input -> !input.fixed())
        .orElseGet(() -> parents(node).stream().anyMatch(this::streams));
  }

  /** What a node reads that changes over time. */
  public List<String> streamParents(String node) {
    return parents(node).stream().filter(this::streams).toList();
  }

  /** A node and all that it reads, directly or not. */
  public Set<String> upstream(String node) {
    Set<String> all = new LinkedHashSet<>();
    parents(node).forEach(parent -> all.addAll(upstream(parent)));
    all.add(node);
    return all;
  }

  /** Every node, each behind all that it reads. */
  public List<String> order() {
    Set<String> order = new LinkedHashSet<>(inputs.keySet());
    stages.keySet().forEach(stage -> order.addAll(upstream(stage)));
    return List.copyOf(order);
  }

  /** Whether a node may tag rows as dead letters. */
  public boolean tags(String node) {
    return input(node)
        .map(Graph::tags)
        .orElseGet(() -> stages.containsKey(node) && stage(node).orElseThrow().step().tags());
  }

  private static boolean tags(Plan.Input input) {
    return input.decoder().isPresent()
        || input.source().decodes()
        || input.watermark().filter(Step::tags).isPresent();
  }

  /**
   * What a query that ends at a node is named by: the last stateful step above it, else its source,
   * else the step where several streams meet.
   */
  public String root(String node, Set<String> stateful) {
    List<String> parents = streamParents(node);
    if (stateful.contains(node) || parents.isEmpty()) {
      return node;
    }
    Set<String> roots =
        parents.stream().map(parent -> root(parent, stateful)).collect(Collectors.toSet());
    return roots.size() == 1 ? roots.iterator().next() : node;
  }

  /** The nodes that every way from the root to a node passes, from the root on. */
  public List<String> spine(String root, String node) {
    if (node.equals(root)) {
      return List.of(root);
    }
    List<String> common = new ArrayList<>();
    boolean first = true;
    for (String parent : streamParents(node)) {
      List<String> spine = spine(root, parent);
      if (first) {
        common.addAll(spine);
      } else {
        common.retainAll(spine);
      }
      first = false;
    }
    common.add(node);
    return common;
  }
}
