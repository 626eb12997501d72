package io.millrace.engine.plan;

import io.millrace.engine.plan.AnalysisPlaces.Part;
import io.millrace.engine.plan.AnalysisReport.Subject;
import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.JobSpec;
import io.millrace.engine.spec.Nearest;
import io.millrace.engine.spec.StepSpec;
import io.millrace.engine.spec.Tree;
import io.millrace.engine.spec.Word;
import io.millrace.engine.spi.Combine;
import io.millrace.engine.spi.Planned;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.catalyst.parser.CatalystSqlParser$;

/** Checks who reads whom: texts that cannot be read, names that are not there, and circles. */
final class Wiring {
  private final JobSpec job;
  private final JobPlaces places;
  private final Findings findings;
  private final AnalysisReport report;
  private final Set<String> names = new LinkedHashSet<>();
  private final Set<String> sound = new LinkedHashSet<>();

  Wiring(JobSpec job, Findings findings) {
    this.job = job;
    this.places = new JobPlaces(job);
    this.findings = findings;
    this.report = new AnalysisReport(places, findings);
    job.sources().forEach(source -> names.add(source.name().text()));
    job.steps().forEach(step -> names.add(step.name().text()));
  }

  /**
   * The stages that can be looked at further: each with all that it reads.
   *
   * @param inputs the sources that are sound themselves
   */
  List<Plan.Stage> check(List<Plan.Input> inputs, List<Plan.Stage> stages) {
    conditions();
    Map<String, List<String>> reads = new LinkedHashMap<>();
    List<Plan.Stage> wired = new ArrayList<>();
    for (StepSpec spec : job.steps()) {
      Optional<Plan.Stage> stage =
          stages.stream().filter(s -> s.name().equals(spec.name().text())).findFirst();
      if (stage.isPresent() && !readable(stage.get())) {
        continue;
      }
      List<Word> from = stage.map(s -> from(s, spec)).orElse(spec.from());
      from.forEach(word -> known(word, spec));
      if (!isSource(spec.name())) {
        reads.put(spec.name().text(), from.stream().map(Word::text).toList());
      }
      stage.ifPresent(s -> wired.add(read(s, spec, from)));
    }
    for (var sink : job.sinks()) {
      known(sink.from(), "sinks." + sink.name() + ".from", names);
    }
    cycles(reads);
    inputs.forEach(input -> sound.add(input.name()));
    return settled(wired);
  }

  private List<Word> from(Plan.Stage stage, StepSpec spec) {
    if (!(stage.step() instanceof Planned planned)) {
      return spec.from();
    }
    Map<String, Word> stated = new LinkedHashMap<>();
    spec.from().forEach(word -> stated.put(word.text(), word));
    return planned.reads(List.copyOf(stated.keySet())).stream()
        .map(name -> Optional.ofNullable(stated.get(name)).orElseGet(() -> mention(spec, name)))
        .toList();
  }

  private Word mention(StepSpec spec, String name) {
    return new Word(name, places.mention(Part.STEP, spec.name().text(), name).at());
  }

  /** A condition is read before its rows are known, so that its syntax is told beside the rest. */
  private void conditions() {
    job.steps().forEach(step -> condition(Part.STEP, step.name(), step.when()));
    job.sinks().forEach(sink -> condition(Part.SINK, sink.name(), sink.when()));
  }

  private void condition(Part part, Word name, Optional<Tree.Leaf> when) {
    when.ifPresent(
        leaf ->
            AnalysisCatalyst.attempt(
                () -> CatalystSqlParser$.MODULE$.parseExpression(leaf.text()),
                fault -> report.add(new Subject(part, name.text()), fault)));
  }

  /** Whether a step can tell what it reads; one with a fault in a text of its settings cannot. */
  private boolean readable(Plan.Stage stage) {
    List<IllegalArgumentException> faults =
        stage.step() instanceof Planned planned ? faults(planned, stage.from()) : List.of();
    faults.forEach(fault -> report.add(new Subject(Part.STEP, stage.name()), fault));
    return faults.isEmpty();
  }

  private static List<IllegalArgumentException> faults(Planned planned, List<String> from) {
    List<IllegalArgumentException> faults = new ArrayList<>(planned.faults());
    try {
      planned.reads(from);
    } catch (IllegalArgumentException e) {
      faults.add(e);
    }
    return faults;
  }

  /** Whether a step has the name of a source, which is told where names are read. */
  private boolean isSource(Word step) {
    return job.sources().stream().anyMatch(source -> source.name().text().equals(step.text()));
  }

  private Plan.Stage read(Plan.Stage stage, StepSpec spec, List<Word> from) {
    boolean mine = stage.step() instanceof Planned && !from.equals(spec.from());
    if (spec.when().isPresent() && from.size() > 1 && !from.get(0).equals(spec.from().get(0))) {
      findings.add(
          spec.when().get().at(),
          "steps." + spec.name() + ".when",
          "Cannot tell which of "
              + from.stream().map(Word::text).toList()
              + " the condition is for. Put it into a step of its own");
    }
    if (from.size() > 1 && !mine && !(stage.step() instanceof Combine)) {
      findings.add(
          from.get(1).at(),
          "steps." + spec.name() + ".from",
          "Expected one name, found " + from.size() + ". Unite them first with a union step");
    }
    return new Plan.Stage(
        stage.name(),
        stage.at(),
        stage.step(),
        from.stream().map(Word::text).toList(),
        stage.when());
  }

  private void known(Word name, StepSpec spec) {
    String path =
        spec.from().contains(name)
            ? "steps." + spec.name() + ".from"
            : places.mention(Part.STEP, spec.name().text(), name.text()).path();
    Set<String> others = new LinkedHashSet<>(names);
    if (!isSource(spec.name())) {
      others.remove(spec.name().text());
    }
    known(name, path, others);
  }

  private void known(Word name, String path, Set<String> others) {
    if (!names.contains(name.text())) {
      findings.add(
          name.at(),
          path,
          "Cannot read from '"
              + name
              + "': there is no such source or step"
              + Nearest.to(name.text(), others)
                  .map(near -> ". Did you mean '" + near + "'?")
                  .orElse(". There are " + others));
    }
  }

  private void cycles(Map<String, List<String>> reads) {
    Set<String> done = new LinkedHashSet<>();
    for (StepSpec step : job.steps()) {
      follow(step.name().text(), reads, new ArrayList<>(), done);
    }
  }

  private void follow(
      String node, Map<String, List<String>> reads, List<String> way, Set<String> done) {
    if (way.contains(node)) {
      List<String> circle = new ArrayList<>(way.subList(way.indexOf(node), way.size()));
      circle.add(node);
      StepSpec first =
          job.steps().stream().filter(s -> s.name().text().equals(node)).findFirst().orElseThrow();
      findings.add(
          first.name().at(),
          "steps." + node,
          "Cannot read its own result: " + String.join(" <- ", circle));
      return;
    }
    if (done.add(node)) {
      way.add(node);
      reads.getOrDefault(node, List.of()).forEach(next -> follow(next, reads, way, done));
      way.remove(way.size() - 1);
    }
  }

  /** The stages whose inputs are all sound, until no more are found: circles never are. */
  private List<Plan.Stage> settled(List<Plan.Stage> wired) {
    List<Plan.Stage> left = new ArrayList<>(wired);
    List<Plan.Stage> settled = new ArrayList<>();
    boolean found = true;
    while (found) {
      found = false;
      for (Plan.Stage stage : List.copyOf(left)) {
        if (sound.containsAll(stage.from()) && sound.add(stage.name())) {
          settled.add(stage);
          left.remove(stage);
          found = true;
        }
      }
    }
    return List.copyOf(settled);
  }

  /** The sinks that read something sound. */
  List<Plan.Output> connected(List<Plan.Output> outputs) {
    return outputs.stream().filter(output -> sound.contains(output.from())).toList();
  }
}
