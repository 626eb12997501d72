package io.millrace.engine.plan;

import io.millrace.engine.spi.Effect;
import io.millrace.engine.spi.Late;
import io.millrace.engine.spi.Planned;
import io.millrace.engine.spi.Step;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which steps have late rows, and what becomes of these. Rows are late for the first step on their
 * way that keeps state: what that gives is never behind the watermark.
 */
public final class Lateness {
  private final Graph graph;

  public Lateness(Graph graph) {
    this.graph = graph;
  }

  /** Whether late rows of a step go to the dead letters. */
  public boolean keeps(String node) {
    return tells(node) && fates(node).contains(Late.KEEP);
  }

  /** What becomes of late rows of a step; more than one where streams of both sorts meet. */
  Set<Late> fates(String node) {
    Set<Late> fates = new LinkedHashSet<>();
    watermarks(node).forEach(mark -> late(mark).ifPresent(fates::add));
    return fates;
  }

  /** The sources and steps that set the watermarks which rows come with to a step. */
  Set<String> watermarks(String node) {
    Set<String> marks = new LinkedHashSet<>();
    for (String parent : graph.streamParents(node)) {
      if (late(parent).isPresent()) {
        marks.add(parent);
      } else if (graph.stage(parent).stream().noneMatch(stage -> stage.step().stateful())) {
        marks.addAll(watermarks(parent));
      }
    }
    return marks;
  }

  /** Whether a step with state tells which of its rows are late. */
  boolean tells(String node) {
    return graph.stage(node).filter(Lateness::tells).isPresent()
        && graph.streamParents(node).size() == 1;
  }

  private static boolean tells(Plan.Stage stage) {
    Effect effect = stage.step().effect();
    return stage.step() instanceof Planned
        && stage.from().size() == 1
        && (effect == Effect.DEDUPES || effect == Effect.GATHERS);
  }

  /** What becomes of rows behind the watermark that a source or step sets, if it sets one. */
  Optional<Late> late(String node) {
    return watermark(node).flatMap(Step::late);
  }

  /** The step, or the watermark of the source, of this name. */
  Optional<Step> watermark(String node) {
    return graph
        .input(node)
        .map(Plan.Input::watermark)
        .orElseGet(() -> graph.stage(node).map(Plan.Stage::step));
  }

  /** The steps of a query that have late rows, each behind what it reads. */
  List<String> steps(Plan.Query query) {
    Set<String> upstream = graph.upstream(query.root());
    return graph.order().stream()
        .filter(upstream::contains)
        .filter(node -> tells(node) && !watermarks(node).isEmpty())
        .toList();
  }

  /** Whether dead letters of a node are none of the rows that come out of a query's root. */
  public boolean beside(String node, Plan.Query query) {
    return keeps(node) || !graph.upstream(node).contains(query.root());
  }
}
