package io.millrace.engine.plan;

import io.millrace.engine.plan.AnalysisPlaces.Part;
import io.millrace.engine.plan.AnalysisReport.Subject;
import io.millrace.engine.plan.AnalysisRows.Streaming;
import io.millrace.engine.spi.Columns;
import io.millrace.engine.spi.Combine;
import io.millrace.engine.spi.Planned;
import io.millrace.engine.spi.Step;
import io.millrace.engine.spi.Transform;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.parser.CatalystSqlParser$;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.trees.CurrentOrigin$;
import org.apache.spark.sql.types.StructType;

/** Analyses the sources and steps of a job, each after what it reads. */
final class AnalysisWalk {
  private final Map<String, Plan.Input> inputs = new LinkedHashMap<>();
  private final Map<String, Plan.Stage> stages = new LinkedHashMap<>();
  private final Map<String, Optional<LogicalPlan>> plans = new HashMap<>();
  private final Map<String, List<LogicalPlan>> operators = new HashMap<>();
  private final Analyzer.Run run;
  private final AnalysisCatalyst catalyst;
  private final AnalysisReport report;

  AnalysisWalk(
      List<Plan.Input> inputs,
      List<Plan.Stage> stages,
      Analyzer.Run run,
      AnalysisCatalyst catalyst,
      AnalysisReport report) {
    this.run = run;
    this.catalyst = catalyst;
    this.report = report;
    inputs.forEach(input -> this.inputs.put(input.name(), input));
    stages.forEach(stage -> this.stages.put(stage.name(), stage));
    names().forEach(this::plan);
  }

  /** The analysed plan of each source and step. */
  Map<String, Optional<LogicalPlan>> plans() {
    return Map.copyOf(plans);
  }

  /** The steps that keep state, in the order of the file. */
  Set<String> stateful() {
    Set<String> stateful = new LinkedHashSet<>();
    for (Plan.Stage stage : stages.values()) {
      if (keeps(stage.step(), stage.name())) {
        stateful.add(stage.name());
      }
    }
    return stateful;
  }

  /** By its plan where that is known and tells, else by what the step says of itself. */
  private boolean keeps(Step step, String name) {
    boolean tells = step instanceof Planned && plan(name).isPresent();
    return tells ? !operators(name).isEmpty() : step.stateful();
  }

  /** The operators of a step's own that keep state. */
  List<LogicalPlan> operators(String name) {
    return operators.getOrDefault(name, List.of());
  }

  /** Whether what a source or step gives is kept by a step whose plan is not known. */
  boolean opaque(String name) {
    Plan.Stage stage = stages.get(name);
    return stage != null
        && ((stage.step() instanceof Transform transform && transform.stateful())
            || stage.from().stream().anyMatch(this::opaque));
  }

  /** The steps that lead to one, itself included, whose state may not grow without bound. */
  Set<String> bounded(String name) {
    Set<String> steps = new LinkedHashSet<>();
    Plan.Stage stage = stages.get(name);
    if (stage != null) {
      stage.from().forEach(from -> steps.addAll(bounded(from)));
      if (!stage.step().unbounded()) {
        steps.add(name);
      }
    }
    return steps;
  }

  /** The streams that lead to a source or step and have no watermark. */
  Set<String> unmarked(String name) {
    Set<String> unmarked = new LinkedHashSet<>();
    Plan.Stage stage = stages.get(name);
    if (stage != null) {
      stage.from().forEach(from -> unmarked.addAll(unmarked(from)));
    } else if (plan(name).filter(this::unmarked).isPresent()) {
      unmarked.add(name);
    }
    return unmarked;
  }

  private boolean unmarked(LogicalPlan plan) {
    return plan.isStreaming() && AnalysisState.watermarks(plan).isEmpty();
  }

  Subject subject(String name) {
    return new Subject(stages.containsKey(name) ? Part.STEP : Part.SOURCE, name);
  }

  List<String> from(String name) {
    Plan.Stage stage = stages.get(name);
    return stage == null ? List.of() : stage.from();
  }

  private List<String> names() {
    List<String> names = new ArrayList<>(inputs.keySet());
    names.addAll(stages.keySet());
    return names;
  }

  /** The analysed plan of a source or step. */
  Optional<LogicalPlan> plan(String name) {
    Optional<LogicalPlan> known = plans.get(name);
    if (known != null) {
      return known;
    }
    Plan.Input input = inputs.get(name);
    Optional<LogicalPlan> plan = input == null ? stage(name) : input(input);
    plans.put(name, plan);
    return plan;
  }

  private Optional<LogicalPlan> input(Plan.Input input) {
    Subject subject = new Subject(Part.SOURCE, input.name());
    if (!decodable(input)) {
      report.add(
          subject,
          "Cannot decode '"
              + input.name()
              + "': its rows have no column '"
              + Columns.VALUE
              + "'. Leave out decode.");
      return Optional.empty();
    }
    boolean fixed = input.fixed() || run == Analyzer.Run.BATCH;
    Optional<LogicalPlan> rows =
        AnalysisRows.columns(input)
            .map(
                columns ->
                    AnalysisRows.relation(columns, fixed ? Streaming.TABLE : Streaming.STREAM));
    if (input.watermark().isEmpty()) {
      return rows.flatMap(plan -> resolved(subject, plan));
    }
    Step watermark = input.watermark().get();
    return rows.flatMap(plan -> step(subject, watermark, List.of(input.name()), List.of(plan)));
  }

  private static boolean decodable(Plan.Input input) {
    Optional<StructType> own = input.source().schema();
    return input.decoder().isEmpty()
        || own.isEmpty()
        || Arrays.asList(own.get().fieldNames()).contains(Columns.VALUE);
  }

  private Optional<LogicalPlan> stage(String name) {
    Plan.Stage stage = stages.get(name);
    if (stage == null) {
      return Optional.empty();
    }
    Subject subject = new Subject(Part.STEP, name);
    List<LogicalPlan> rows = new ArrayList<>();
    for (String from : stage.from()) {
      Optional<LogicalPlan> plan = plan(from);
      boolean first = from.equals(stage.from().get(0));
      Optional<LogicalPlan> met =
          plan.map(known -> stage.step().keepsDead() ? known : AnalysisRows.alive(known))
              .flatMap(alive -> when(subject, first ? stage.when() : Optional.empty(), alive));
      met.ifPresent(rows::add);
    }
    if (rows.size() < stage.from().size()) {
      return Optional.empty();
    }
    Optional<LogicalPlan> plan = step(subject, stage.step(), stage.from(), rows);
    plan.ifPresent(known -> operators.put(name, AnalysisState.stateful(known)));
    return plan;
  }

  /** The rows that meet a condition. */
  Optional<LogicalPlan> when(Subject subject, Optional<String> condition, LogicalPlan rows) {
    if (condition.isEmpty()) {
      return resolved(subject, rows);
    }
    return AnalysisCatalyst.attempt(
            () -> filter(condition.get(), rows), fault -> report.add(subject, fault))
        .flatMap(filter -> resolved(subject, filter));
  }

  private static LogicalPlan filter(String condition, LogicalPlan rows) {
    Expression parsed = CatalystSqlParser$.MODULE$.parseExpression(condition);
    return CurrentOrigin$.MODULE$.withOrigin(parsed.origin(), () -> new Filter(parsed, rows));
  }

  private Optional<LogicalPlan> step(
      Subject subject, Step step, List<String> from, List<LogicalPlan> rows) {
    if (step instanceof Transform transform) {
      return transformed(subject, transform, rows.get(0));
    }
    if (step instanceof Combine) {
      return Optional.empty();
    }
    return planned(subject, (Planned) step, from, rows);
  }

  private Optional<LogicalPlan> transformed(
      Subject subject, Transform transform, LogicalPlan rows) {
    try {
      return transform
          .schema(rows.schema())
          .map(columns -> AnalysisRows.made(columns, AnalysisState.input(subject.name(), rows)))
          .flatMap(plan -> resolved(subject, plan));
    } catch (IllegalArgumentException fault) {
      report.add(subject, fault);
      return Optional.empty();
    }
  }

  private Optional<LogicalPlan> planned(
      Subject subject, Planned planned, List<String> from, List<LogicalPlan> rows) {
    List<Planned.Input> known = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      known.add(new Planned.Input(from.get(i), AnalysisState.input(from.get(i), rows.get(i))));
    }
    try {
      return AnalysisCatalyst.attempt(
              () -> planned.plan(known), fault -> report.add(subject, fault))
          .flatMap(plan -> resolved(subject, plan));
    } catch (IllegalArgumentException fault) {
      report.add(subject, fault);
      return Optional.empty();
    }
  }

  private Optional<LogicalPlan> resolved(Subject subject, LogicalPlan plan) {
    Optional<LogicalPlan> resolved =
        AnalysisCatalyst.attempt(() -> catalyst.resolve(plan), fault -> report.add(subject, fault));
    return resolved.filter(known -> sound(subject, plan, known));
  }

  private boolean sound(Subject subject, LogicalPlan written, LogicalPlan plan) {
    Optional<Exception> fault = AnalysisCatalyst.fault(() -> catalyst.check(plan));
    fault.ifPresent(said -> AnalysisUnknown.report(report, subject, written, plan, said));
    return fault.isEmpty();
  }
}
