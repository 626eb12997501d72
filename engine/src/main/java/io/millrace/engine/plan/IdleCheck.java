package io.millrace.engine.plan;

import io.millrace.engine.plan.AnalysisPlaces.Part;
import io.millrace.engine.plan.AnalysisReport.Subject;
import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.JobSpec;
import io.millrace.engine.spi.Step;
import java.util.List;

/** Checks that an input that may be idle is not the only one: it goes with the others then. */
final class IdleCheck {
  private final Graph graph;
  private final Lateness lateness;
  private final AnalysisReport report;

  IdleCheck(JobSpec job, Graph graph, Findings findings) {
    this.graph = graph;
    this.lateness = new Lateness(graph);
    this.report = new AnalysisReport(new JobPlaces(job), findings);
  }

  /** Adds what is wrong. */
  void check(List<Plan.Query> queries) {
    for (String node : graph.order()) {
      if (mayBeIdle(node) && queries.stream().noneMatch(query -> hasOthers(query, node))) {
        report.add(
            new Subject(graph.input(node).isPresent() ? Part.SOURCE : Part.STEP, node),
            "idle",
            "Cannot use idle: no query has both the watermark of "
                + node
                + " and another one that it could go with, and the clock closes no window. Leave"
                + " idle out");
      }
    }
  }

  private boolean mayBeIdle(String node) {
    return lateness.watermark(node).flatMap(Step::idle).isPresent();
  }

  private boolean hasOthers(Plan.Query query, String node) {
    return graph.upstream(query.root()).contains(node)
        && graph.upstream(query.root()).stream()
            .anyMatch(other -> !other.equals(node) && setsWatermark(other));
  }

  private boolean setsWatermark(String node) {
    return lateness.late(node).isPresent()
        || graph.stage(node).filter(stage -> stage.step().ownTime()).isPresent();
  }
}
