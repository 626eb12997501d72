package io.millrace.engine.plan;

import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.JobSpec;
import io.millrace.engine.spi.Effect;
import io.millrace.engine.spi.Keeping;
import io.millrace.engine.spi.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.catalyst.expressions.IsNotNull;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.Join;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import scala.jdk.javaapi.CollectionConverters;

/**
 * How much state the steps of a job keep at an even load, once it has run for as long as it keeps
 * anything.
 */
public final class Forecast {
  private final Plan plan;
  private final Graph graph;
  private final Lateness lateness;
  private final Analysis analysis;
  private final Load load;
  private final Flow flow;
  private final KeptSizes sizes;

  private Forecast(Plan plan, Analysis analysis, Load load) {
    this.plan = plan;
    this.graph = new Graph(plan.inputs(), plan.stages());
    this.lateness = new Lateness(graph);
    this.analysis = analysis;
    this.load = load;
    this.flow = new Flow(graph, analysis, load);
    this.sizes = new KeptSizes(analysis, load, new Widths(load));
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
   * @param states of the steps of which it is known, in the order of the file
   * @param own steps with a class of the job's own of which nobody says what it keeps
   * @param silent other steps that keep state and do not tell how much
   * @param open steps, and parts of them, that may let through less than comes, and nobody says how
   *     much less
   */
  public record Told(List<State> states, List<String> own, List<String> silent, List<String> open) {
    /** Of all steps of which it is known. */
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
    Forecast forecast = new Forecast(plan, analysis, load);
    new LoadCheck(plan, forecast.graph, analysis).check(load);
    return forecast.told();
  }

  private Told told() {
    List<State> states = new ArrayList<>();
    List<String> own = new ArrayList<>();
    List<String> silent = new ArrayList<>();
    Set<String> open = new TreeSet<>();
    for (Plan.Stage stage : plan.stages()) {
      if (!analysis.stateful().contains(stage.name())) {
        continue;
      }
      List<Kept> kept = kept(stage);
      boolean unsaid = kept.stream().anyMatch(each -> each.keeping() instanceof Keeping.Own);
      if (unsaid && !load.states().containsKey(stage.name())) {
        own.add(stage.name());
      } else if (kept.isEmpty()) {
        silent.add(stage.name());
      } else {
        states.add(state(stage, kept));
        open.addAll(open(stage));
      }
    }
    return new Told(states, own, silent, List.copyOf(open));
  }

  private State state(Plan.Stage stage, List<Kept> kept) {
    double behind = Flow.seconds(behind(stage.name()));
    double entries = 0;
    double bytes = 0;
    List<String> unknown = new ArrayList<>();
    for (Kept each : kept) {
      Kept.Amount amount = each.amount(load, behind);
      entries += amount.entries();
      bytes += each.bytes(amount);
      each.keeping().by().stream()
          .filter(name -> !load.tells(List.of(name)) && !unknown.contains(name))
          .filter(name -> !(each.keeping() instanceof Keeping.Rows))
          .forEach(unknown::add);
    }
    return new State(stage.name(), entries, bytes, unknown);
  }

  /** How long the watermark of a step is behind its newest rows when a batch begins. */
  private Duration behind(String name) {
    return lateness.watermarks(name).stream()
        .flatMap(node -> lateness.watermark(node).flatMap(Step::delay).stream())
        .max(Duration::compareTo)
        .orElse(Duration.ZERO)
        .plus(load.every());
  }

  /** What a step keeps; nothing if it does not tell. */
  private List<Kept> kept(Plan.Stage stage) {
    if (!stage.step().keeping().isEmpty()) {
      return stage.step().keeping().stream().map(keeping -> kept(stage, keeping)).toList();
    }
    List<Kept> kept = new ArrayList<>();
    flow.query(stage)
        .ifPresent(
            query ->
                AnalysisState.stateful(query)
                    .forEach(operator -> kept.addAll(kept(stage, query, operator))));
    return kept;
  }

  private Kept kept(Plan.Stage stage, Keeping keeping) {
    boolean rows = keeping instanceof Keeping.Rows;
    double rate =
        keeping instanceof Keeping.Rows of
            ? flow.into(stage, stage.from().get(of.input()))
            : flow.into(stage);
    double entry = rows ? 0 : sizes.entry(stage, keeping);
    Optional<Duration> spacing = spacing(stage, keeping);
    return new Kept(
        timeless(stage, named(stage, keeping), spacing),
        spacing,
        rate,
        entry,
        sizes.row(stage, keeping),
        rows && stage.from().size() > 1);
  }

  /** What begins in a pattern, as a user says how much of it there is. */
  private static Keeping named(Plan.Stage stage, Keeping keeping) {
    return keeping instanceof Keeping.Begun begun
        ? new Keeping.Begun(
            begun.by(), stage.name() + "." + begun.part(), begun.kept(), begun.span())
        : keeping;
  }

  private Optional<Duration> spacing(Plan.Stage stage, Keeping keeping) {
    boolean timed = keeping.by().stream().anyMatch(times(stage)::contains);
    return timed && stage.from().size() == 1 ? flow.spacing(stage.from().get(0)) : Optional.empty();
  }

  private List<String> times(Plan.Stage stage) {
    return stage.from().stream().flatMap(from -> analysis.watermarks(from).stream()).toList();
  }

  /** The same without times that all rows have alike which come at once. */
  private Keeping timeless(Plan.Stage stage, Keeping keeping, Optional<Duration> spacing) {
    return spacing.isPresent() ? without(times(stage), keeping) : keeping;
  }

  private static Keeping without(List<String> times, Keeping keeping) {
    if (keeping instanceof Keeping.Firsts firsts) {
      return new Keeping.Firsts(without(times, firsts.of()), firsts.most());
    }
    return keeping instanceof Keeping.Keys keys
        ? new Keeping.Keys(
            keys.by().stream().filter(name -> !times.contains(name)).toList(), keys.span())
        : keeping;
  }

  private List<Kept> kept(Plan.Stage stage, LogicalPlan query, LogicalPlan operator) {
    List<Kept> kept = new ArrayList<>();
    for (Keeping keeping : AnalysisKeeping.of(operator)) {
      if (keeping instanceof Keeping.Rows rows) {
        Join join = (Join) operator;
        LogicalPlan side = rows.input() == 0 ? join.left() : join.right();
        double row = sizes.row(query, side, rows.by());
        kept.add(new Kept(rows, Optional.empty(), flow.through(stage, side), 0, row, true));
      } else {
        double rate = flow.through(stage, operator.children().head());
        double entry = sizes.entry(operator);
        Optional<Duration> spacing = spacing(stage, keeping);
        kept.add(new Kept(timeless(stage, keeping, spacing), spacing, rate, entry, 0, false));
      }
    }
    return kept;
  }

  /** What may let through less than comes, on the way to a step and in it, and is not told of. */
  private Set<String> open(Plan.Stage stage) {
    Set<String> open = new TreeSet<>();
    for (String node : graph.upstream(stage.name())) {
      graph.stage(node).filter(this::sifts).ifPresent(each -> open.add(each.name()));
    }
    for (Keeping keeping : stage.step().keeping()) {
      if (keeping instanceof Keeping.Begun begun) {
        open.add(stage.name() + "." + begun.part());
      }
    }
    open.removeAll(load.shares().keySet());
    return open;
  }

  private boolean sifts(Plan.Stage stage) {
    Step step = stage.step();
    boolean validates = step.effect() == Effect.SIFTS && step.watermark().isEmpty();
    boolean query =
        step.effect() == Effect.FREE
            && step.keeping().isEmpty()
            && analysis.plans().getOrDefault(stage.name(), Optional.empty()).stream()
                .anyMatch(Forecast::filters);
    return graph.streamParents(stage.name()).size() == 1
        && (validates || query || stage.when().isPresent());
  }

  /** Whether a plan leaves rows out before they come to state, other than those without a time. */
  private static boolean filters(LogicalPlan part) {
    if (AnalysisState.inputName(part).isPresent()) {
      return false;
    }
    boolean own =
        part instanceof Filter filter
            && AnalysisState.stateful(filter).isEmpty()
            && !(filter.condition() instanceof IsNotNull)
            && CollectionConverters.asJava(filter.condition().references().toSeq()).stream()
                .noneMatch(AnalysisKeeping::window);
    return own || CollectionConverters.asJava(part.children()).stream().anyMatch(Forecast::filters);
  }
}
