package io.millrace.engine.plan;

import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.JobSpec;
import io.millrace.engine.spec.Word;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Checks that Spark may not let steps with state share a shuffle: behind one that is used again it
 * sees no watermark, so that the second step stays at 1970 and closes nothing.
 */
final class ReuseCheck {
  private static final String REUSE = "spark.sql.exchange.reuse";

  private final JobSpec job;
  private final Graph graph;
  private final Analysis analysis;
  private final Findings findings;

  ReuseCheck(JobSpec job, Graph graph, Analysis analysis, Findings findings) {
    this.job = job;
    this.graph = graph;
    this.analysis = analysis;
    this.findings = findings;
  }

  /** Adds what is wrong. */
  void check(List<Plan.Query> queries) {
    Word written = job.spark().get(REUSE);
    if (written == null || !Boolean.parseBoolean(written.text().strip())) {
      return;
    }
    Set<String> hurt = new TreeSet<>();
    queries.forEach(query -> hurt.addAll(hurt(graph.upstream(query.root()))));
    if (!hurt.isEmpty()) {
      findings.add(
          written.at(),
          "spark." + REUSE,
          "Cannot set "
              + REUSE
              + " to '"
              + written.text()
              + "': '"
              + String.join("', '", hurt)
              + "' may share a shuffle with another part of the query, and Spark then leaves the"
              + " watermark of one of them at 1970, so that it closes nothing. Leave it out");
    }
  }

  /** The steps with state of a query that come behind something that is read more than once. */
  private Set<String> hurt(Set<String> query) {
    Set<String> hurt = new TreeSet<>();
    for (String node : query) {
      long readers = query.stream().flatMap(this::reads).filter(node::equals).count();
      if (readers > 1 && graph.streams(node)) {
        query.stream()
            .filter(step -> analysis.stateful().contains(step) && !step.equals(node))
            .filter(step -> graph.upstream(step).contains(node))
            .forEach(hurt::add);
      }
    }
    return hurt;
  }

  /** What a step reads, as often as it does. */
  private Stream<String> reads(String step) {
    Optional<LogicalPlan> made = analysis.plans().getOrDefault(step, Optional.empty());
    return graph.parents(step).stream()
        .flatMap(
            from -> {
              int times = Math.max(1, made.map(plan -> times(plan, from)).orElse(1));
              return Collections.nCopies(times, from).stream();
            });
  }

  private static int times(LogicalPlan part, String input) {
    Optional<String> name = AnalysisState.inputName(part);
    if (name.isPresent()) {
      return name.get().equals(input) ? 1 : 0;
    }
    return CollectionConverters.asJava(part.children()).stream()
        .mapToInt(child -> times(child, input))
        .sum();
  }
}
