package io.millrace.engine.plan;

import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.JobSpec;
import io.millrace.engine.spi.Keeping;
import io.millrace.engine.spi.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import scala.jdk.javaapi.CollectionConverters;

/**
 * How much state the steps of a job keep at an even load, once it has run for as long as it keeps
 * anything. Filters count as if they let everything through.
 */
public final class Forecast {
  private static final int PARTS = 64;

  private final Plan plan;
  private final Graph graph;
  private final Lateness lateness;
  private final Analysis analysis;
  private final Load load;
  private final Map<String, Double> rates = new HashMap<>();

  private Forecast(Plan plan, Analysis analysis, Load load) {
    this.plan = plan;
    this.graph = new Graph(plan.inputs(), plan.stages());
    this.lateness = new Lateness(graph);
    this.analysis = analysis;
    this.load = load;
  }

  /**
   * State of a step.
   *
   * @param entries how many there are; infinite if they grow as long as the job runs
   * @param bytes of all of them, keys and values, before they are compressed
   * @param unknown columns of its keys of which nobody says how many values there are
   */
  public record State(String step, double entries, double bytes, List<String> unknown) {}

  /**
   * What is to be expected.
   *
   * @param states of the steps that tell what they keep, in the order of the file
   * @param silent steps that keep state and do not tell how much
   */
  public record Told(List<State> states, List<String> silent) {
    /** Of all steps that tell. */
    public double bytes() {
      return states.stream().mapToDouble(State::bytes).sum();
    }
  }

  /**
   * The state of a sound job.
   *
   * @throws IllegalArgumentException with a sentence, if the load does not fit the job
   */
  public static Told of(JobSpec job, Plan plan, Load load) {
    Analysis analysis =
        new Analyzer(new JobPlaces(job), plan.spark())
            .analyze(
                plan.inputs(), plan.stages(), plan.outputs(), Analyzer.Run.STREAM, new Findings());
    return new Forecast(plan, analysis, load).told();
  }

  private Told told() {
    List<String> streams =
        plan.inputs().stream().filter(input -> !input.fixed()).map(Plan.Input::name).toList();
    List<String> missing =
        streams.stream().filter(name -> !load.rates().containsKey(name)).toList();
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException(
          "Missing the rate of %s. Write --rate %s=1000, in rows a second"
              .formatted(String.join(", ", missing), missing.get(0)));
    }
    load.rates().keySet().stream()
        .filter(name -> !streams.contains(name))
        .findFirst()
        .ifPresent(
            name -> {
              throw new IllegalArgumentException(
                  "Unknown stream '%s' in --rate. There are %s"
                      .formatted(name, String.join(", ", streams)));
            });
    List<State> states = new ArrayList<>();
    List<String> silent = new ArrayList<>();
    for (Plan.Stage stage : plan.stages()) {
      if (!analysis.stateful().contains(stage.name())) {
        continue;
      }
      if (stage.step().keeping().isEmpty()) {
        silent.add(stage.name());
      } else {
        states.add(state(stage));
      }
    }
    return new Told(states, silent);
  }

  private State state(Plan.Stage stage) {
    double entries = 0;
    double bytes = 0;
    List<String> unknown = new ArrayList<>();
    for (Keeping keeping : stage.step().keeping()) {
      double count = entries(stage, keeping);
      boolean list = keeping instanceof Keeping.Rows && stage.from().size() == 1;
      entries += list ? load.among(keeping.by(), count) : count;
      bytes += count * width(stage, keeping);
      keeping.by().stream()
          .filter(name -> !load.tells(List.of(name)) && !unknown.contains(name))
          .filter(name -> !(keeping instanceof Keeping.Rows))
          .forEach(unknown::add);
    }
    return new State(stage.name(), entries, bytes, unknown);
  }

  private double entries(Plan.Stage stage, Keeping keeping) {
    double behind = seconds(behind(stage.name()));
    if (keeping instanceof Keeping.Windows windows) {
      return windows(windows, rate(stage), behind);
    }
    if (keeping instanceof Keeping.Sessions sessions) {
      return sessions(sessions, rate(stage), behind);
    }
    if (keeping instanceof Keeping.Keys keys) {
      return keys.span()
          .map(span -> load.among(keys.by(), rate(stage) * (seconds(span) + behind)))
          .orElseGet(() -> load.all(keys.by()));
    }
    Keeping.Rows rows = (Keeping.Rows) keeping;
    return rows.span()
        .map(span -> rate(stage.from().get(rows.input())) * (seconds(span) + behind))
        .orElse(Double.POSITIVE_INFINITY);
  }

  /** On average: windows of all ages are open, of which those that are full have most groups. */
  private double windows(Keeping.Windows windows, double rate, double behind) {
    double size = seconds(windows.size());
    double growing = 0;
    for (int part = 0; part < PARTS; part++) {
      growing += load.among(windows.by(), rate * size * (part + 0.5) / PARTS) * size / PARTS;
    }
    double full = load.among(windows.by(), rate * size) * (seconds(windows.late()) + behind);
    return (growing + full) / seconds(windows.every());
  }

  /**
   * Of rows that come at random, those that no other of their key follows within the gap end a
   * session, which stays until the watermark has passed it; the others are in one that goes on.
   */
  private double sessions(Keeping.Sessions sessions, double rate, double behind) {
    double gap = seconds(sessions.gap());
    double going = load.among(sessions.by(), rate * gap);
    double all = load.all(sessions.by());
    double ending = Double.isInfinite(all) ? rate : rate * Math.exp(-rate * gap / all);
    return going + ending * behind;
  }

  /** How long the watermark of a step is behind its newest rows when a batch begins. */
  private Duration behind(String name) {
    return lateness.watermarks(name).stream()
        .flatMap(node -> mark(node).flatMap(Step::delay).stream())
        .max(Duration::compareTo)
        .orElse(Duration.ZERO)
        .plus(load.every());
  }

  private Optional<Step> mark(String node) {
    return graph
        .input(node)
        .map(Plan.Input::watermark)
        .orElseGet(() -> graph.stage(node).map(Plan.Stage::step));
  }

  private double rate(Plan.Stage stage) {
    return graph.streamParents(stage.name()).stream().mapToDouble(this::rate).sum();
  }

  /** How many rows a source or step gives in a second. */
  private double rate(String node) {
    Double known = rates.get(node);
    if (known != null) {
      return known;
    }
    double rate =
        graph
            .input(node)
            .map(input -> load.rates().getOrDefault(input.name(), 0.0))
            .orElseGet(() -> graph.stage(node).map(this::gives).orElse(0.0));
    rates.put(node, rate);
    return rate;
  }

  private double gives(Plan.Stage stage) {
    List<Keeping> kept = stage.step().keeping();
    if (kept.isEmpty()) {
      return rate(stage);
    }
    if (kept.get(0) instanceof Keeping.Windows windows) {
      return load.among(windows.by(), rate(stage) * seconds(windows.size()))
          / seconds(windows.every());
    }
    // Of a join as many as the left rows have, of others no more than come.
    return kept.get(0) instanceof Keeping.Rows rows
        ? rate(stage.from().get(rows.input()))
        : rate(stage);
  }

  private double width(Plan.Stage stage, Keeping keeping) {
    Optional<LogicalPlan> made = analysis.plans().getOrDefault(stage.name(), Optional.empty());
    Widths widths = new Widths(load);
    if (keeping instanceof Keeping.Rows rows) {
      List<Attribute> input = columns(stage.from().get(rows.input()));
      boolean alone = stage.from().size() == 1;
      return widths.row(input) + (alone ? 0 : widths.row(named(input, rows.by())) + Long.BYTES);
    }
    Optional<Aggregate> aggregate =
        made.stream()
            .flatMap(plan -> AnalysisState.stateful(plan).stream())
            .flatMap(each -> each instanceof Aggregate found ? Stream.of(found) : Stream.empty())
            .findFirst();
    if (aggregate.isPresent()) {
      return widths.state(aggregate.get());
    }
    List<Attribute> input = stage.from().stream().flatMap(from -> columns(from).stream()).toList();
    Set<String> known = input.stream().map(Attribute::name).collect(Collectors.toSet());
    List<Attribute> own =
        columns(stage.name()).stream().filter(column -> !known.contains(column.name())).toList();
    return widths.row(named(input, keeping.by())) + widths.row(own) + Long.BYTES;
  }

  /** The columns that are the job's own: Spark keeps no others that nobody asks for. */
  private List<Attribute> columns(String node) {
    return analysis.plans().getOrDefault(node, Optional.empty()).stream()
        .flatMap(plan -> CollectionConverters.asJava(plan.output()).stream())
        .filter(column -> !column.name().startsWith("_"))
        .toList();
  }

  private static List<Attribute> named(List<Attribute> columns, List<String> names) {
    return columns.stream()
        .filter(column -> names.stream().anyMatch(column.name()::equalsIgnoreCase))
        .toList();
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }
}
