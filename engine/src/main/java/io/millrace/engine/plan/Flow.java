package io.millrace.engine.plan;

import io.millrace.engine.spi.Keeping;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.catalyst.optimizer.InlineCTE;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.Join;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Union;
import scala.jdk.javaapi.CollectionConverters;

/** How many rows a second come through a job at an even load. */
final class Flow {
  private final Graph graph;
  private final Analysis analysis;
  private final Load load;
  private final Map<String, Double> known = new HashMap<>();

  Flow(Graph graph, Analysis analysis, Load load) {
    this.graph = graph;
    this.analysis = analysis;
    this.load = load;
  }

  /** What a source or step gives. */
  double from(String node) {
    Double found = known.get(node);
    if (found != null) {
      return found;
    }
    double rate =
        graph
            .input(node)
            .map(input -> load.rates().getOrDefault(input.name(), 0.0))
            .orElseGet(() -> graph.stage(node).map(this::gives).orElse(0.0));
    known.put(node, rate);
    return rate;
  }

  /** What a step takes of all its inputs. */
  double into(Plan.Stage stage) {
    return graph.streamParents(stage.name()).stream().mapToDouble(from -> into(stage, from)).sum();
  }

  /** What a step takes of an input: what its conditions let through. */
  double into(Plan.Stage stage, String input) {
    return from(input) * load.share(stage.name());
  }

  private double gives(Plan.Stage stage) {
    List<Keeping> kept = stage.step().keeping();
    if (kept.isEmpty()) {
      return query(stage).map(plan -> through(stage, plan)).orElseGet(() -> into(stage));
    }
    if (kept.get(0) instanceof Keeping.Windows windows) {
      return groups(windows, into(stage));
    }
    if (kept.get(0) instanceof Keeping.Firsts firsts
        && firsts.of() instanceof Keeping.Windows windows) {
      return Math.min(into(stage), firsts.most() * groups(windows, into(stage)));
    }
    // Of a join as many as the left rows have, of others no more than come.
    return kept.get(0) instanceof Keeping.Rows rows
        ? into(stage, stage.from().get(rows.input()))
        : into(stage);
  }

  /**
   * The plan of a step that keeps state only by operators of a query, each part where it is used;
   * empty for any other step.
   */
  Optional<LogicalPlan> query(Plan.Stage stage) {
    return analysis
        .plans()
        .getOrDefault(stage.name(), Optional.empty())
        .map(plan -> new InlineCTE(true, false).apply(plan))
        .filter(
            plan -> {
              List<LogicalPlan> operators = AnalysisState.stateful(plan);
              return !operators.isEmpty()
                  && operators.stream().noneMatch(each -> AnalysisKeeping.of(each).isEmpty());
            });
  }

  /** What a part of the plan of a step gives. */
  double through(Plan.Stage stage, LogicalPlan part) {
    Optional<String> input = AnalysisState.inputName(part);
    if (input.isPresent()) {
      return graph.streams(input.get()) ? into(stage, input.get()) : 0;
    }
    if (part instanceof Aggregate aggregate
        && AnalysisKeeping.groups(aggregate) instanceof Keeping.Windows windows) {
      return groups(windows, through(stage, aggregate.child()));
    }
    if (part instanceof Join join) {
      return through(stage, join.left().isStreaming() ? join.left() : join.right());
    }
    List<LogicalPlan> children = CollectionConverters.asJava(part.children());
    return part instanceof Union
        ? children.stream().mapToDouble(child -> through(stage, child)).sum()
        : children.stream().mapToDouble(child -> through(stage, child)).max().orElse(0);
  }

  private double groups(Keeping.Windows windows, double rate) {
    return load.among(windows.by(), rate * seconds(windows.size())) / seconds(windows.every());
  }

  /** How far apart in time the results are that a step gets; empty if they are at any time. */
  Optional<Duration> spacing(String node) {
    Optional<Plan.Stage> stage = graph.stage(node);
    List<String> parents = graph.streamParents(node);
    if (stage.isEmpty() || parents.size() != 1) {
      return Optional.empty();
    }
    Optional<Duration> own =
        stage.get().step().keeping().stream()
            .flatMap(each -> every(each).stream())
            .findFirst()
            .or(
                () ->
                    query(stage.get()).stream()
                        .flatMap(plan -> AnalysisState.stateful(plan).stream())
                        .flatMap(operator -> AnalysisKeeping.of(operator).stream())
                        .flatMap(each -> every(each).stream())
                        .findFirst());
    boolean passes = !analysis.stateful().contains(node);
    return own.or(() -> passes ? spacing(parents.get(0)) : Optional.empty());
  }

  private static Optional<Duration> every(Keeping keeping) {
    Keeping of = keeping instanceof Keeping.Firsts firsts ? firsts.of() : keeping;
    return of instanceof Keeping.Windows windows ? Optional.of(windows.every()) : Optional.empty();
  }

  static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }
}
