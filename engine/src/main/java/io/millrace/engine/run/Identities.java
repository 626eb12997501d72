package io.millrace.engine.run;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.spi.Identity;
import java.util.UUID;

/**
 * Who a query is to its sinks.
 *
 * @param queryId that of its checkpoint
 */
record Identities(Plan plan, Plan.Query query, UUID queryId) {

  /** Several queries may write dead letters: to the sink each is another writer. */
  Identity of(Plan.Output output) {
    return named(isDeadLetters(output) ? output.name() + "_" + query.name() : output.name());
  }

  /** The name under which the rejects of a sink are written to the dead letters. */
  Identity ofRejects(Plan.Output target, String sink) {
    return named(target.name() + "_" + query.name() + "_" + sink);
  }

  private Identity named(String sink) {
    return new Identity(plan.ledger(), sink, query.name(), queryId);
  }

  /** Whether an output is where dead letters go. */
  boolean isDeadLetters(Plan.Output output) {
    return plan.deadLetters().filter(output::equals).isPresent();
  }
}
