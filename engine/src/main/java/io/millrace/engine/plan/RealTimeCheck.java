package io.millrace.engine.plan;

import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.JobSpec;
import io.millrace.engine.spec.Position;
import io.millrace.engine.spec.SinkSpec;

/** Checks that queries can run in real time which a job wants to. */
final class RealTimeCheck {
  private final JobSpec job;
  private final RealTime real;
  private final Findings findings;

  RealTimeCheck(JobSpec job, RealTime real, Findings findings) {
    this.job = job;
    this.real = real;
    this.findings = findings;
  }

  /** Adds all that stands in the way. */
  void check(Iterable<Plan.Query> queries) {
    for (Plan.Query query : queries) {
      if (query.trigger() instanceof Plan.Trigger.RealTime && !query.outputs().isEmpty()) {
        String first = query.outputs().get(0);
        real.obstacles(query)
            .forEach(
                why ->
                    findings.add(
                        at(first),
                        "sinks." + first + ".trigger",
                        "Cannot run in real time: " + why));
      }
    }
  }

  private Position at(String sink) {
    SinkSpec spec =
        job.sinks().stream()
            .filter(each -> each.name().text().equals(sink))
            .findFirst()
            .orElseThrow();
    return spec.trigger().map(trigger -> trigger.word().at()).orElse(spec.name().at());
  }
}
