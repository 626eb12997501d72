package io.millrace.engine.plan;

import io.millrace.engine.spec.JobSpec;
import io.millrace.engine.spec.PartSpec;
import io.millrace.engine.spec.SinkSpec;
import io.millrace.engine.spec.SourceSpec;
import io.millrace.engine.spec.StepSpec;
import io.millrace.engine.spi.BatchSink;
import io.millrace.engine.spi.Durations;
import io.millrace.engine.spi.Late;
import io.millrace.engine.spi.Limit;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.RowSink;
import io.millrace.engine.spi.Step;
import io.millrace.engine.spi.Versioned;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** A plan as a person reads it: what is read how often, what shares a job, what is promised. */
public final class PlanText {
  private final JobSpec job;
  private final Plan plan;
  private final Graph graph;
  private final Lateness lateness;
  private final RealTime realTime;
  private final StringBuilder text = new StringBuilder();

  private PlanText(JobSpec job, Plan plan) {
    this.job = job;
    this.plan = plan;
    this.graph = new Graph(plan.inputs(), plan.stages());
    this.lateness = new Lateness(graph);
    this.realTime = RealTime.of(job, plan);
  }

  public static String of(JobSpec job, Plan plan) {
    return new PlanText(job, plan).write();
  }

  /** A line per sink: its name, and what its rows are promised. */
  public static String promises(Plan plan) {
    return plan.outputs().stream()
        .map(output -> entryOf(output.name(), Kebab.ofConstant(output.guarantee().name())) + '\n')
        .collect(Collectors.joining());
  }

  private String write() {
    line("job " + plan.job() + job.about().map(about -> ": " + about).orElse(""));
    line("checkpoint " + plan.checkpoint());
    if (plan.engine() instanceof Plan.Engine.DStream engine) {
      line("engine dstream, a batch every " + Durations.text(engine.every()));
    }
    line("");
    line("sources");
    job.sources().forEach(this::source);
    if (!job.steps().isEmpty()) {
      line("steps");
      job.steps().forEach(this::step);
    }
    line("sinks");
    job.sinks().forEach(this::sink);
    deadLetters();
    line("");
    plan.queries().forEach(this::query);
    return text.toString();
  }

  private void source(SourceSpec source) {
    List<String> facts = new ArrayList<>();
    facts.add(source.part().kind());
    source.decode().ifPresent(decode -> facts.add("decoded as " + decode.kind()));
    source
        .watermark()
        .ifPresent(
            watermark ->
                facts.add(
                    lateness.late(source.name().text()).equals(Optional.of(Late.KEEP))
                        ? "with a watermark, late rows are kept"
                        : "with a watermark"));
    Plan.Input input = plan.input(source.name().text());
    input.table().ifPresent(table -> facts.add(table.told()));
    if (!input.source().replays()) {
      facts.add("cannot replay its rows");
    }
    entry(source.name().text(), String.join(", ", facts));
    input.table().ifPresent(table -> entry("", "a batch that comes again sees " + seen(input)));
  }

  private static String seen(Plan.Input table) {
    if (!(table.source() instanceof Versioned versioned)) {
      return "the table as it is then; where rows differ by that, sinks that hold digests of a"
          + " batch refuse it";
    }
    return versioned.keeps()
        ? "the same version"
        : "the same files, or is logged as seeing others; where rows differ by that, sinks that"
            + " hold digests of a batch refuse it";
  }

  private void step(StepSpec step) {
    String name = step.name().text();
    String from = String.join(", ", graph.parents(name));
    entry(
        name,
        step.part().kind()
            + " of "
            + from
            + step.when().map(when -> " when " + when.text()).orElse(""));
    graph.stage(name).ifPresent(stage -> stage.step().told().forEach(fact -> entry("", fact)));
    graph
        .stage(name)
        .flatMap(stage -> stage.step().varies())
        .ifPresent(why -> entry("", "a batch that comes again may get other rows from it: " + why));
  }

  private void sink(SinkSpec sink) {
    Plan.Output output = plan.output(sink.name().text());
    entry(
        output.name(),
        sink.part().kind()
            + " from "
            + output.from()
            + output.when().map(when -> " when " + when).orElse("")
            + ": "
            + Kebab.ofConstant(output.how().write().name())
            + ", mode "
            + Kebab.ofConstant(output.how().mode().name())
            + others(output)
            + ", "
            + Kebab.ofConstant(output.guarantee().name()));
    entry("", "order of a key: " + new KeyOrder(plan, graph).of(output));
  }

  private String others(Plan.Output output) {
    Set<Mode> modes = plan.modes().getOrDefault(output.name(), Set.of());
    String others =
        modes.stream()
            .filter(mode -> mode != output.how().mode())
            .map(mode -> Kebab.ofConstant(mode.name()))
            .sorted()
            .collect(Collectors.joining(" or "));
    return others.isEmpty() ? "" : " (the path also allows " + others + ")";
  }

  private void deadLetters() {
    job.deadLetters()
        .ifPresent(
            spec ->
                entry(
                    "dead letters",
                    spec.part().map(PartSpec::kind).orElse("dropped")
                        + plan.deadLetters()
                            .map(
                                o ->
                                    ": "
                                        + Kebab.ofConstant(o.guarantee().name())
                                        + (o.how().limit().equals(Limit.NONE)
                                            ? ""
                                            : ", at most " + o.how().limit() + " of a batch")
                                        + ", which were driven again is kept "
                                        + (Keepers.ofMarks(plan).isPresent()
                                            ? "with them"
                                            : "in " + plan.checkpoint() + "/drives"))
                            .orElse("")));
  }

  private void query(Plan.Query query) {
    line(
        "query "
            + query.name()
            + ": "
            + (query.stateful() ? "keeps state" : "no state")
            + ", "
            + trigger(query.trigger()));
    reads(query);
    List<Plan.Output> outputs = outputs(query);
    List<String> rows = names(outputs, RowSink.class);
    if (query.trigger() instanceof Plan.Trigger.RealTime) {
      line("  one task per partition, which stays, for " + String.join(", ", rows));
    } else if (!rows.isEmpty()) {
      line("  one job per batch for " + String.join(", ", rows));
    }
    List<String> batches = names(outputs, BatchSink.class);
    if (!batches.isEmpty()) {
      line("  one job per batch each for " + String.join(", ", batches));
    }
    if (!batches.isEmpty() && outputs.size() > 1) {
      line("  the decoded rows of a batch are kept until all of these have them");
    }
    if (!query.tags().isEmpty()) {
      line("  writes the dead letters of " + String.join(", ", query.tags()));
    }
    if (query.trigger() instanceof Plan.Trigger.RealTime) {
      line("  needs a core slot for each partition that it reads; its rows have no history");
    } else if (!Keepers.uncounted(plan, query)) {
      line(
          "  its history is kept "
              + Keepers.of(plan, query).stream()
                  .findFirst()
                  .map(keeper -> "with the rows of " + keeper.name())
                  .orElse("in " + Keepers.folder(plan, query)));
    }
    inRealTime(query);
    watermark(query);
    graph.upstream(query.root()).forEach(this::waits);
    lateness.steps(query).forEach(step -> late(query, step));
  }

  private void inRealTime(Plan.Query query) {
    if (query.trigger() instanceof Plan.Trigger.RealTime
        || plan.engine() instanceof Plan.Engine.DStream) {
      return;
    }
    List<String> obstacles = realTime.obstacles(query);
    if (obstacles.isEmpty()) {
      line("  could run in real time, with trigger: realtime and a core slot for each partition");
    } else {
      line(
          "  cannot run in real time: "
              + obstacles.stream().map(RealTime::withoutCure).collect(Collectors.joining("; ")));
    }
  }

  private void watermark(Plan.Query query) {
    List<String> marks =
        graph.upstream(query.root()).stream()
            .flatMap(
                node ->
                    lateness.watermark(node).flatMap(Step::watermark).stream()
                        .map(mark -> node + " (" + mark + ")"))
            .toList();
    if (query.stateful() && marks.size() > 1) {
      line("  its watermark is that of the stream furthest behind: " + String.join(", ", marks));
    }
  }

  private void waits(String node) {
    graph
        .stage(node)
        .ifPresent(
            stage -> stage.step().waits().forEach(wait -> line("  in " + node + " " + wait)));
  }

  private void late(Plan.Query query, String step) {
    if (query.mode() == Mode.COMPLETE) {
      line("  no row is late for " + step + ": mode complete keeps all windows and keys open");
    } else if (query.tags().contains(step)) {
      line("  late rows of " + step + " are counted and " + kept(step) + "go to the dead letters");
    } else {
      line(
          "  late rows of "
              + step
              + " are counted and left out"
              + plan.queries().stream()
                  .filter(other -> lateness.keeps(step) && other.tags().contains(step))
                  .findFirst()
                  .map(other -> "; query " + other.name() + " keeps its own")
                  .orElse(""));
    }
  }

  /** Of a step with several inputs, those whose late rows are kept, unless all are. */
  private String kept(String step) {
    List<String> inputs = graph.parents(step);
    List<String> kept = inputs.stream().filter(input -> lateness.keeps(step, input)).toList();
    return kept.size() == inputs.size() ? "" : "those from " + String.join(", ", kept) + " ";
  }

  private void reads(Plan.Query query) {
    Set<String> upstream = graph.upstream(query.root());
    List<String> streams =
        plan.inputs().stream()
            .map(Plan.Input::name)
            .filter(name -> upstream.contains(name) && graph.streams(name))
            .toList();
    line("  reads " + String.join(", ", streams));
    boolean beside = query.tags().stream().anyMatch(tag -> lateness.beside(tag, query));
    if (beside) {
      line("  reads once more, for dead letters, what its state is made from");
    }
  }

  private List<Plan.Output> outputs(Plan.Query query) {
    List<Plan.Output> outputs = new ArrayList<>();
    if (!query.tags().isEmpty()) {
      plan.deadLetters().ifPresent(outputs::add);
    }
    query.outputs().forEach(name -> outputs.add(plan.output(name)));
    return outputs;
  }

  private static List<String> names(List<Plan.Output> outputs, Class<?> sort) {
    return outputs.stream()
        .filter(output -> sort == RowSink.class == output.sink() instanceof RowSink)
        .map(Plan.Output::name)
        .toList();
  }

  private static String trigger(Plan.Trigger trigger) {
    if (trigger instanceof Plan.Trigger.Every every) {
      return every.interval().isZero()
          ? "a batch as soon as the last is done"
          : "a batch every " + every.interval().toMillis() / 1000.0 + " s";
    }
    return trigger instanceof Plan.Trigger.RealTime real
        ? "each row as it comes, offsets noted every " + Durations.text(real.batches())
        : "all that is available now, then it ends";
  }

  private void entry(String name, String what) {
    line(entryOf(name, what));
  }

  private static String entryOf(String name, String what) {
    return String.format("  %-14s %s", name, what);
  }

  private void line(String line) {
    text.append(line).append('\n');
  }
}
