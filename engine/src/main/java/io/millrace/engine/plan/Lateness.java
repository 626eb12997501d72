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
 * way that keeps state by the watermark: what that gives is never behind it.
 */
public final class Lateness {
  private final Graph graph;

  public Lateness(Graph graph) {
    this.graph = graph;
  }

  /** Whether late rows of a step, or of one of its inputs, go to the dead letters. */
  public boolean keeps(String node) {
    return graph.parents(node).stream().anyMatch(input -> keeps(node, input));
  }

  /** Whether those do that come to a step from one of its inputs. */
  public boolean keeps(String node, String input) {
    return tells(node) && fates(input).contains(Late.KEEP);
  }

  /** What becomes of late rows of an input; more than one where streams of both sorts meet. */
  Set<Late> fates(String input) {
    Set<Late> fates = new LinkedHashSet<>();
    marks(input).forEach(mark -> late(mark).ifPresent(fates::add));
    return fates;
  }

  /** Whether a step with state hands rows on as they come, with their times. */
  private static boolean passes(Step step) {
    return step.takesLate() && step.effect() == Effect.DEDUPES;
  }

  /** The sources and steps that set the watermarks which rows come with to a step. */
  Set<String> watermarks(String node) {
    Set<String> marks = new LinkedHashSet<>();
    graph.streamParents(node).forEach(parent -> marks.addAll(marks(parent)));
    return marks;
  }

  /** The same, for the rows that a source or step gives. */
  Set<String> marks(String node) {
    if (late(node).isPresent()) {
      return Set.of(node);
    }
    boolean stateful =
        graph
            .stage(node)
            .map(Plan.Stage::step)
            .filter(step -> step.stateful() && !passes(step))
            .isPresent();
    return stateful ? Set.of() : watermarks(node);
  }

  /** Whether a step with state tells which of its rows are late. */
  public boolean tells(String node) {
    return graph.stage(node).filter(Lateness::tells).isPresent()
        && graph.streamParents(node).equals(graph.parents(node))
        && !behindJoin(node);
  }

  private static boolean tells(Plan.Stage stage) {
    Effect effect = stage.step().effect();
    return stage.step() instanceof Planned
        && !stage.step().takesLate()
        && (effect == Effect.DEDUPES || effect == Effect.GATHERS);
  }

  /**
   * Whether some of its rows come from a step where streams wait for each other: they may be behind
   * the watermark of the query, and have one of their own.
   */
  boolean behindJoin(String node) {
    return graph.upstream(node).stream()
        .filter(other -> !other.equals(node))
        .filter(other -> graph.streamParents(other).size() > 1)
        .anyMatch(other -> graph.stage(other).orElseThrow().step().stateful());
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
