package io.millrace.jobs.demo;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.run.Account;
import io.millrace.engine.run.Audit;
import java.util.List;
import java.util.function.Supplier;
import org.apache.spark.sql.SparkSession;

/**
 * Rows that stateful steps left out, by the accounts of the job's batches, and so by all of its
 * starts.
 *
 * @param late behind the watermark
 * @param repeated seen before
 */
public record LeftOut(long late, long repeated) {

  /** Of all batches that are done. */
  public static LeftOut of(Plan plan, Supplier<SparkSession> spark) {
    List<Account.State> states =
        Audit.of(plan, spark).stream()
            .flatMap(audit -> audit.total().stream())
            .flatMap(total -> total.states().stream())
            .toList();
    return new LeftOut(
        states.stream().mapToLong(Account.State::late).sum(),
        states.stream().mapToLong(Account.State::deduplicated).sum());
  }
}
