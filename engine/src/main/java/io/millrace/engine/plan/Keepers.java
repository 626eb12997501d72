package io.millrace.engine.plan;

import io.millrace.engine.spi.Archived;
import io.millrace.engine.spi.StreamSink;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Which sinks keep what the engine knows of a job. */
public final class Keepers {
  private Keepers() {}

  /**
   * The sinks of a query that can keep its history. The first one does: sinks in the order of the
   * file, then the dead letters that the query writes. Where there is none, the checkpoint does.
   */
  public static List<Plan.Output> of(Plan plan, Plan.Query query) {
    List<Plan.Output> outputs = new ArrayList<>();
    query.outputs().forEach(name -> outputs.add(plan.output(name)));
    if (!query.tags().isEmpty()) {
      plan.deadLetters().ifPresent(outputs::add);
    }
    return outputs.stream().filter(output -> output.sink() instanceof Archived).toList();
  }

  /** The dead letters, if they keep which of them were driven again; else the checkpoint does. */
  public static Optional<Plan.Output> ofMarks(Plan plan) {
    return plan.deadLetters().filter(output -> output.sink() instanceof Archived);
  }

  /** The folder in which a checkpoint keeps the history of a query. */
  public static String folder(Plan plan, Plan.Query query) {
    return plan.checkpoint() + "/ledger/" + query.name();
  }

  /** Whether Spark writes the one sink of a query by itself, so that nobody counts its rows. */
  static boolean uncounted(Plan plan, Plan.Query query) {
    return !query.stateful()
        && query.outputs().size() == 1
        && plan.output(query.outputs().get(0)).sink() instanceof StreamSink;
  }
}
