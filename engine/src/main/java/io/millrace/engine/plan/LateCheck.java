package io.millrace.engine.plan;

import io.millrace.engine.plan.AnalysisPlaces.Part;
import io.millrace.engine.plan.AnalysisReport.Subject;
import io.millrace.engine.spec.DeadLetterSpec;
import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.JobSpec;
import io.millrace.engine.spi.Late;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Checks that late rows can be kept where a job asks for it. */
final class LateCheck {
  private final JobSpec job;
  private final Graph graph;
  private final Lateness lateness;
  private final AnalysisReport report;

  LateCheck(JobSpec job, Graph graph, Findings findings) {
    this.job = job;
    this.graph = graph;
    this.lateness = new Lateness(graph);
    this.report = new AnalysisReport(new JobPlaces(job), findings);
  }

  /**
   * Adds what is wrong.
   *
   * @param stateful the steps that keep state
   */
  void check(Set<String> stateful) {
    if (job.deadLetters().flatMap(DeadLetterSpec::part).isEmpty()) {
      graph.order().stream()
          .filter(this::keeps)
          .forEach(
              node ->
                  add(
                      node,
                      "Needs dead-letters to keep late rows in. Name a target, such as"
                          + " dead-letters: {delta: {path: ...}}, or leave out late: keep"));
    }
    graph.order().stream().filter(stateful::contains).forEach(this::check);
  }

  private void check(String step) {
    Set<String> marks = lateness.watermarks(step);
    Optional<String> kept = marks.stream().filter(this::keeps).findFirst();
    if (kept.isEmpty() || takesLate(step)) {
      return;
    }
    Optional<String> above =
        graph.upstream(step).stream()
            .filter(other -> !other.equals(step) && takesLate(other))
            .findFirst();
    if (above.isPresent()) {
      add(
          kept.get(),
          "Cannot keep late rows: step "
              + step
              + " gets them from "
              + above.get()
              + ", which has state of its own and would be read twice. Put "
              + step
              + " in front of it, or leave out late: keep");
    } else if (lateness.behindJoin(step)) {
      add(
          kept.get(),
          "Cannot keep late rows: step "
              + step
              + " gets rows of a join as well, whose watermark is behind that of others. Join behind"
              + " it, or leave out late: keep");
    } else if (!lateness.tells(step)) {
      add(
          kept.get(),
          "Cannot keep late rows: step "
              + step
              + " does not tell which rows are late for its state. Put a window, dedupe or join step in"
              + " its place, or leave out late: keep");
    } else {
      graph.parents(step).forEach(input -> checkTogether(step, input));
    }
  }

  private void checkTogether(String step, String input) {
    if (lateness.fates(input).size() > 1) {
      Set<String> marks = lateness.marks(input);
      String kept = marks.stream().filter(this::keeps).findFirst().orElseThrow();
      List<String> dropped = marks.stream().filter(mark -> !keeps(mark)).toList();
      add(
          kept,
          "Cannot keep late rows of "
              + kept
              + " and leave out those of "
              + String.join(", ", dropped)
              + ", for step "
              + step
              + " gets them together. Write late: keep for all of them, or for none");
    }
  }

  private boolean takesLate(String node) {
    return graph.stage(node).filter(stage -> stage.step().takesLate()).isPresent();
  }

  private boolean keeps(String node) {
    return lateness.late(node).equals(Optional.of(Late.KEEP));
  }

  private void add(String node, String sentence) {
    Part part = graph.input(node).isPresent() ? Part.SOURCE : Part.STEP;
    report.add(new Subject(part, node), "late", sentence);
  }
}
