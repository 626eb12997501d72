package io.millrace.engine.run;

import io.millrace.engine.plan.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;

/**
 * What became of the rows that a query has read so far, from what is kept beside its checkpoint.
 * Reads only, also while the job runs.
 *
 * @param done the last batch that the checkpoint calls done; -1 for none
 * @param accounts in the order of their batches; the first may be the sum of many
 */
public record Audit(String query, long done, List<Account> accounts) {
  private static final String HADOOP = "spark.hadoop.";

  public Audit {
    accounts = List.copyOf(accounts);
  }

  /** The queries of a job, in its order. */
  public static List<Audit> of(Plan plan) {
    Configuration hadoop = new Configuration();
    plan.spark()
        .forEach(
            (key, value) -> {
              if (key.startsWith(HADOOP)) {
                hadoop.set(key.substring(HADOOP.length()), value);
              }
            });
    Checkpoints checkpoints = new Checkpoints(plan.checkpoint(), hadoop);
    return plan.queries().stream().map(query -> of(checkpoints, query.name())).toList();
  }

  private static Audit of(Checkpoints checkpoints, String query) {
    // In this order: a batch is kept before it is called done.
    long done = checkpoints.done(query);
    Optional<UUID> id = checkpoints.knownId(query);
    return new Audit(
        query, done, id.map(known -> checkpoints.history(query, known).read()).orElseGet(List::of));
  }

  /** All batches together; empty where none was counted. */
  public Optional<Account> total() {
    return accounts.stream().reduce(Account::plus);
  }

  /** Batches that are not accounted for, in words; empty where each is. */
  public List<String> gaps() {
    List<String> gaps = new ArrayList<>();
    for (int i = 1; i < accounts.size(); i++) {
      gap(accounts.get(i - 1).to(), accounts.get(i).from() - 1, gaps);
    }
    total().ifPresent(all -> gap(all.to(), done, gaps));
    return gaps;
  }

  private static void gap(long after, long to, List<String> gaps) {
    if (to == after + 1) {
      gaps.add("batch " + to);
    } else if (to > after) {
      gaps.add("batches " + (after + 1) + " to " + to);
    }
  }

  /** Whether every batch balances, and none is missing since the first that was counted. */
  public boolean holds() {
    return gaps().isEmpty() && accounts.stream().allMatch(Account::balanced);
  }
}
