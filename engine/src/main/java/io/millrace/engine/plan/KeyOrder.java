package io.millrace.engine.plan;

import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Order;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Whether rows of one key that come through one partition of a source take effect in a sink in the
 * order in which they stand there. What is not known to keep it counts as losing it.
 */
final class KeyOrder {
  private final Plan plan;
  private final Graph graph;

  KeyOrder(Plan plan, Graph graph) {
    this.plan = plan;
    this.graph = graph;
  }

  /** What is to be said of a sink. */
  String of(Plan.Output output) {
    Order order = output.sink().order(output.how());
    if (order instanceof Order.ByColumns by) {
      return "newest by " + String.join(", ", by.columns()) + ", in whichever order rows come";
    }
    List<String> losses = new ArrayList<>();
    graph.order().stream()
        .filter(graph.upstream(output.from())::contains)
        .filter(graph::streams)
        .forEach(node -> loss(node).ifPresent(losses::add));
    if (order instanceof Order.Lost lost) {
      losses.add("sink " + output.name() + ": " + lost.why());
    }
    if (!losses.isEmpty()) {
      return "not kept. " + String.join(". ", losses);
    }
    return output.guarantee() == Guarantee.AT_LEAST_ONCE
        ? "kept, but a batch that comes again repeats its rows"
        : "kept";
  }

  private Optional<String> loss(String node) {
    if (graph.input(node).isPresent()) {
      return plan.input(node).source().disorder().map(why -> "source " + node + ": " + why);
    }
    Optional<String> own =
        graph.stage(node).orElseThrow().step().disorder().map(why -> "step " + node + ": " + why);
    return own.isPresent() ? own : twice(node);
  }

  /** Rows of one source that come to a step on two ways do so through different tasks. */
  private Optional<String> twice(String node) {
    Set<String> seen = new HashSet<>();
    for (String parent : graph.streamParents(node)) {
      for (String above : graph.upstream(parent)) {
        if (graph.input(above).isPresent() && graph.streams(above) && !seen.add(above)) {
          return Optional.of("step %s: rows of %s come to it on two ways".formatted(node, above));
        }
      }
    }
    return Optional.empty();
  }
}
