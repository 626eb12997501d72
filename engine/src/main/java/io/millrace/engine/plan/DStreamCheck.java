package io.millrace.engine.plan;

import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.JobSpec;
import io.millrace.engine.spec.SinkSpec;
import io.millrace.engine.spec.SourceSpec;
import io.millrace.engine.spec.StepSpec;
import io.millrace.engine.spec.Tree;
import io.millrace.engine.spec.Word;
import io.millrace.engine.spi.Carried;
import io.millrace.engine.spi.Durations;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.Step;
import io.millrace.engine.spi.TextFault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a job may have that runs as DStreams: each thing that they cannot do is a finding. */
final class DStreamCheck {
  private static final String LEAVE = "Leave engine out: structured streaming can do it";

  private final JobSpec job;
  private final Graph graph;
  private final Findings findings;

  DStreamCheck(JobSpec job, Graph graph, Findings findings) {
    this.job = job;
    this.graph = graph;
    this.findings = findings;
  }

  /** What keeps a job out of structured streaming, where it does not say that it runs elsewhere. */
  static void structured(JobSpec job, Graph graph, Findings findings) {
    for (StepSpec spec : job.steps()) {
      if (graph
          .stage(spec.name().text())
          .flatMap(stage -> carried(stage.step()))
          .filter(DStreamCheck::forgets)
          .isPresent()) {
        findings.add(
            spec.part().at(),
            "steps." + spec.name() + "." + spec.part().kind(),
            "Cannot forget a key without engine: dstream. Write unbounded: true in place of keep,"
                + " or a window");
      }
    }
  }

  private static boolean forgets(Carried carried) {
    return carried instanceof Carried.Totals totals && totals.keep().isPresent();
  }

  /** What a step carries, as far as it can be told; what is wrong with it is told by itself. */
  private static Optional<Carried> carried(Step step) {
    try {
      return step.carried();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /**
   * The interval of the job's batches.
   *
   * @param stateful the steps that keep something from one batch to the next
   */
  Optional<Plan.Engine> check(List<Plan.Output> outputs, Set<String> stateful) {
    job.sources().forEach(this::source);
    job.steps().forEach(step -> step(step, stateful));
    job.sinks().forEach(sink -> sink(sink, outputs));
    Optional<Duration> every = interval(outputs);
    every.ifPresent(interval -> job.steps().forEach(step -> fits(step, interval)));
    return every.map(Plan.Engine.DStream::new);
  }

  private void source(SourceSpec spec) {
    String path = "sources." + spec.name();
    spec.watermark()
        .ifPresent(
            tree ->
                findings.add(
                    tree.at(),
                    path + ".watermark",
                    "Cannot set a watermark with engine: dstream, which takes rows as they come. "
                        + LEAVE));
    graph
        .input(spec.name().text())
        .flatMap(Plan.Input::table)
        .filter(table -> table.refresh().isPresent())
        .ifPresent(
            table ->
                findings.add(
                    spec.fixed().map(Tree::at).orElse(spec.name().at()),
                    path + ".static.refresh",
                    "Cannot read a table again with engine: dstream. Write static: true, or leave"
                        + " engine out"));
    Optional<Plan.Input> input = graph.input(spec.name().text()).filter(in -> !in.fixed());
    if (input.isPresent() && feed(input.get(), spec).isEmpty()) {
      findings.add(spec.part().at(), path, unread(spec.part().kind()));
    }
  }

  /** A mistake that is told counts as a feed. */
  private Optional<?> feed(Plan.Input input, SourceSpec spec) {
    try {
      return input.source().feed();
    } catch (IllegalArgumentException e) {
      findings.add(
          spec.part().at(),
          "sources." + spec.name() + "." + spec.part().kind(),
          String.valueOf(e.getMessage()));
      return Optional.of(e);
    }
  }

  private static String unread(String kind) {
    String why =
        Map.of(
                "kafka",
                ": the connector of Spark's DStreams for Kafka is not part of Millrace",
                "memory",
                ": Spark keeps no checkpoint of rows that a test adds, and a job has one")
            .getOrDefault(kind, "");
    return "Cannot read "
        + kind
        + " with engine: dstream"
        + why
        + ". Read files or socket, or leave engine out";
  }

  private void step(StepSpec spec, Set<String> stateful) {
    String name = spec.name().text();
    Optional<Plan.Stage> stage = graph.stage(name).filter(any -> graph.streams(name));
    if (stage.isEmpty()) {
      return;
    }
    String path = "steps." + name + "." + spec.part().kind();
    Step step = stage.get().step();
    if (step.late().isPresent()) {
      findings.add(
          spec.part().at(),
          path,
          "Cannot set a watermark with engine: dstream, which takes rows as they come. " + LEAVE);
    } else if (stateful.contains(name)) {
      keeps(spec, step, path);
    }
  }

  private void keeps(StepSpec spec, Step step, String path) {
    try {
      if (step.carried().isEmpty()) {
        findings.add(
            spec.part().at(),
            path,
            "Cannot carry this from batch to batch with engine: dstream. Use update-state, or"
                + " window with time: processed; or leave engine out");
      } else {
        above(spec, path);
      }
    } catch (TextFault told) {
      // The faults of a step's texts are findings already.
      return;
    } catch (IllegalArgumentException e) {
      findings.add(spec.part().at(), path, String.valueOf(e.getMessage()));
    }
  }

  private void above(StepSpec spec, String path) {
    graph.upstream(spec.name().text()).stream()
        .filter(node -> !node.equals(spec.name().text()))
        .filter(node -> graph.stage(node).flatMap(s -> carried(s.step())).isPresent())
        .findFirst()
        .ifPresent(
            node ->
                findings.add(
                    spec.part().at(),
                    path,
                    "Cannot carry results of '"
                        + node
                        + "' further with engine: dstream. Write them to a sink, and read that in a"
                        + " job of its own"));
  }

  private void sink(SinkSpec spec, List<Plan.Output> outputs) {
    String path = "sinks." + spec.name();
    spec.delivery()
        .filter(word -> !word.text().equals("at-least-once"))
        .ifPresent(
            word ->
                findings.add(
                    word.at(),
                    path + ".delivery",
                    "Cannot promise "
                        + word
                        + " with engine: dstream, which gives at-least-once from files and nothing"
                        + " from a socket. Leave delivery out, or engine"));
    outputs.stream()
        .filter(output -> output.name().equals(spec.name().text()))
        .findFirst()
        .ifPresent(output -> mode(spec, output));
  }

  /** A window is complete when it comes; a total never is. */
  private void mode(SinkSpec spec, Plan.Output output) {
    Mode mode = output.how().mode();
    if (window(graph, output).isPresent() && mode != Mode.APPEND) {
      findings.add(
          spec.mode().map(Word::at).orElse(spec.name().at()),
          "sinks." + spec.name() + ".mode",
          "Cannot write windows in mode "
              + spec.mode().map(Word::text).orElse("")
              + " with engine: dstream: each comes once, when it is over. Write mode: append");
    }
  }

  private Optional<Duration> interval(List<Plan.Output> outputs) {
    Optional<Duration> interval = Optional.empty();
    for (SinkSpec spec : job.sinks()) {
      Optional<Plan.Trigger> trigger =
          outputs.stream()
              .filter(output -> output.name().equals(spec.name().text()))
              .map(Plan.Output::trigger)
              .findFirst();
      Optional<Duration> every = trigger.flatMap(DStreamCheck::every);
      if (trigger.isPresent() && every.isEmpty()) {
        said(
            spec,
            "Needs an interval with engine: dstream: its batches come by the clock, and it"
                + " does not end by itself. Write trigger: 5s");
      } else if (every.isPresent()
          && interval.filter(first -> !first.equals(every.get())).isPresent()) {
        said(
            spec,
            "Cannot have batches of two intervals with engine: dstream. Write trigger: "
                + Durations.text(interval.orElseThrow()));
      }
      interval = interval.or(() -> every);
    }
    return interval;
  }

  private void said(SinkSpec spec, String sentence) {
    findings.add(
        spec.trigger().map(trigger -> trigger.word().at()).orElse(spec.name().at()),
        "sinks." + spec.name() + ".trigger",
        sentence);
  }

  private static Optional<Duration> every(Plan.Trigger trigger) {
    return trigger instanceof Plan.Trigger.Every every && !every.interval().isZero()
        ? Optional.of(every.interval())
        : Optional.empty();
  }

  private void fits(StepSpec spec, Duration interval) {
    List<Duration> lengths = new ArrayList<>();
    graph
        .stage(spec.name().text())
        .flatMap(stage -> carried(stage.step()))
        .ifPresent(
            carried -> {
              if (carried instanceof Carried.Window window) {
                lengths.addAll(List.of(window.every(), window.size()));
              }
            });
    lengths.stream()
        .filter(length -> length.toMillis() % interval.toMillis() != 0)
        .findFirst()
        .ifPresent(
            length ->
                findings.add(
                    spec.part().at(),
                    "steps." + spec.name() + "." + spec.part().kind(),
                    "Expected a multiple of the trigger, "
                        + Durations.text(interval)
                        + ", with engine: dstream, found "
                        + Durations.text(length)));
  }

  /** The modes that the path of each sink allows: a window comes once. */
  static Map<String, Set<Mode>> modes(
      Graph graph, List<Plan.Output> outputs, Map<String, Set<Mode>> known) {
    Map<String, Set<Mode>> modes = new LinkedHashMap<>(known);
    outputs.stream()
        .filter(output -> window(graph, output).isPresent())
        .forEach(output -> modes.put(output.name(), Set.of(Mode.APPEND)));
    return modes;
  }

  private static Optional<Carried> window(Graph graph, Plan.Output output) {
    return graph.upstream(output.from()).stream()
        .flatMap(node -> graph.stage(node).stream())
        .flatMap(stage -> carried(stage.step()).stream())
        .filter(Carried.Window.class::isInstance)
        .findFirst();
  }

  /** What is promised at most, whatever the sink can do. */
  static Guarantee atMost(Guarantee given) {
    return given.compareTo(Guarantee.AT_LEAST_ONCE) < 0 ? Guarantee.AT_LEAST_ONCE : given;
  }
}
