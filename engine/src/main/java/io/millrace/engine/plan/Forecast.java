package io.millrace.engine.plan;

import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.JobSpec;
import io.millrace.engine.spi.Effect;
import io.millrace.engine.spi.Keeping;
import io.millrace.engine.spi.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.IsNotNull;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.Distinct;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.Join;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.TransformWithState;
import scala.jdk.javaapi.CollectionConverters;

/**
 * How much state the steps of a job keep at an even load, once it has run for as long as it keeps
 * anything.
 */
public final class Forecast {
  /** What a value takes in which a step of ours keeps bytes of its own, without these. */
  private static final double MEMORY = 4 * Long.BYTES;

  /** What a match takes that is begun, and the length of each row in bytes. */
  private static final double BEGUN = 4 * Long.BYTES;

  private static final double LENGTH = Integer.BYTES;

  private final Plan plan;
  private final Graph graph;
  private final Lateness lateness;
  private final Analysis analysis;
  private final Load load;
  private final Flow flow;

  private Forecast(Plan plan, Analysis analysis, Load load) {
    this.plan = plan;
    this.graph = new Graph(plan.inputs(), plan.stages());
    this.lateness = new Lateness(graph);
    this.analysis = analysis;
    this.load = load;
    this.flow = new Flow(graph, analysis, load);
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
  public record Told(
      List<State> states, List<String> own, List<String> silent, List<String> open) {
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
    double entry = rows ? 0 : entry(stage, keeping);
    return new Kept(
        timeless(stage, named(stage, keeping)),
        spacing(stage, keeping),
        rate,
        entry,
        row(stage, keeping),
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
    return timed && stage.from().size() == 1
        ? flow.spacing(stage.from().get(0))
        : Optional.empty();
  }

  private List<String> times(Plan.Stage stage) {
    return stage.from().stream().flatMap(from -> analysis.watermarks(from).stream()).toList();
  }

  /** The same without times that all rows have alike which come at once. */
  private Keeping timeless(Plan.Stage stage, Keeping keeping) {
    return spacing(stage, keeping).isPresent() ? without(times(stage), keeping) : keeping;
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
    Widths widths = new Widths(load);
    List<Kept> kept = new ArrayList<>();
    for (Keeping keeping : AnalysisKeeping.of(operator)) {
      if (keeping instanceof Keeping.Rows rows) {
        Join join = (Join) operator;
        LogicalPlan side = rows.input() == 0 ? join.left() : join.right();
        List<Attribute> columns = used(query, side);
        double row = widths.row(columns) + widths.row(named(columns, rows.by())) + Long.BYTES;
        kept.add(new Kept(rows, Optional.empty(), flow.through(stage, side), 0, row, true));
      } else {
        double rate = flow.through(stage, operator.children().head());
        double entry = entry(operator, widths);
        Optional<Duration> spacing = spacing(stage, keeping);
        kept.add(new Kept(timeless(stage, keeping), spacing, rate, entry, 0, false));
      }
    }
    return kept;
  }

  private static double entry(LogicalPlan operator, Widths widths) {
    if (operator instanceof Aggregate aggregate) {
      return widths.state(aggregate);
    }
    return operator instanceof Distinct
        ? widths.row(CollectionConverters.asJava(operator.output()))
        : widths.row(List.of()) + 3 * Long.BYTES;
  }

  /** The columns of a side of a join that a query asks for: Spark keeps no others. */
  private static List<Attribute> used(LogicalPlan query, LogicalPlan side) {
    Set<Object> asked = new HashSet<>();
    CollectionConverters.asJava(query.output()).forEach(column -> asked.add(column.exprId()));
    asked(query, side, asked);
    return CollectionConverters.asJava(side.output()).stream()
        .filter(column -> asked.contains(column.exprId()) && !column.name().startsWith("_"))
        .toList();
  }

  private static void asked(LogicalPlan part, LogicalPlan side, Set<Object> asked) {
    if (part.equals(side)) {
      return;
    }
    for (Expression each : CollectionConverters.asJava(part.expressions())) {
      CollectionConverters.asJava(each.references().toSeq())
          .forEach(column -> asked.add(column.exprId()));
    }
    CollectionConverters.asJava(part.children()).forEach(child -> asked(child, side, asked));
  }

  /** How many bytes an entry has, the rows in it left out. */
  private double entry(Plan.Stage stage, Keeping keeping) {
    Widths widths = new Widths(load);
    if (keeping instanceof Keeping.Own) {
      return load.states().getOrDefault(stage.name(), 0);
    }
    if (keeping instanceof Keeping.Firsts || keeping instanceof Keeping.Begun) {
      return fold(stage)
              .map(fold -> widths.row(CollectionConverters.asJava(fold.groupingAttributes())))
              .orElse(0.0)
          + MEMORY;
    }
    Optional<Aggregate> aggregate =
        operators(stage)
            .flatMap(each -> each instanceof Aggregate found ? Stream.of(found) : Stream.empty())
            .findFirst();
    if (aggregate.isPresent()) {
      return widths.state(aggregate.get());
    }
    List<Attribute> input = input(stage);
    Set<String> known = input.stream().map(Attribute::name).collect(Collectors.toSet());
    List<Attribute> own =
        columns(stage.name()).stream().filter(column -> !known.contains(column.name())).toList();
    return widths.row(named(input, keeping.by())) + widths.row(own) + Long.BYTES;
  }

  /** How many bytes each row has that is kept. */
  private double row(Plan.Stage stage, Keeping keeping) {
    Widths widths = new Widths(load);
    if (keeping instanceof Keeping.Rows rows) {
      List<Attribute> input = columns(stage.from().get(rows.input()));
      return stage.from().size() > 1
          ? widths.row(input) + widths.row(named(input, rows.by())) + Long.BYTES
          : fold(stage).map(fold -> widths.row(told(fold))).orElseGet(() -> widths.row(input));
    }
    if (keeping instanceof Keeping.Firsts) {
      return fold(stage).map(fold -> widths.row(told(fold))).orElse(0.0) + LENGTH;
    }
    return keeping instanceof Keeping.Begun begun
        ? BEGUN + widths.row(named(input(stage), begun.kept()))
        : 0;
  }

  private Stream<LogicalPlan> operators(Plan.Stage stage) {
    return analysis.plans().getOrDefault(stage.name(), Optional.empty()).stream()
        .flatMap(made -> AnalysisState.stateful(made).stream());
  }

  private Optional<TransformWithState> fold(Plan.Stage stage) {
    return operators(stage)
        .flatMap(
            each -> each instanceof TransformWithState found ? Stream.of(found) : Stream.empty())
        .findFirst();
  }

  /** The columns of a row as a fold is told it. */
  private static List<Attribute> told(TransformWithState fold) {
    return CollectionConverters.asJava(fold.dataAttributes()).stream()
        .filter(column -> !column.name().equals("_closes"))
        .toList();
  }

  private List<Attribute> input(Plan.Stage stage) {
    return stage.from().stream().flatMap(from -> columns(from).stream()).toList();
  }

  /** The columns that are the job's own: Spark keeps no others that nobody asks for. */
  private List<Attribute> columns(String node) {
    return analysis.plans().getOrDefault(node, Optional.empty()).stream()
        .flatMap(made -> CollectionConverters.asJava(made.output()).stream())
        .filter(column -> !column.name().startsWith("_"))
        .toList();
  }

  private static List<Attribute> named(List<Attribute> columns, List<String> names) {
    return columns.stream()
        .filter(column -> names.stream().anyMatch(column.name()::equalsIgnoreCase))
        .toList();
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
