package io.millrace.engine.run;

import io.millrace.engine.plan.Keepers;
import io.millrace.engine.plan.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;

/**
 * What became of the rows that a query has read so far, from all places that know. Reads only, also
 * while the job runs.
 *
 * @param done the last batch that the checkpoint calls done; -1 for none
 * @param accounts in the order of their batches; the first may be the sum of many. Those of the
 *     checkpoint; where it is gone, those of the last one that is known
 * @param sources which place knows what
 * @param note whose accounts these are, where that is not the checkpoint's
 * @param differences between the places and the checkpoint, in sentences
 */
public record Audit(
    String query,
    long done,
    List<Account> accounts,
    List<Source> sources,
    Optional<String> note,
    List<String> differences) {
  private static final String HADOOP = "spark.hadoop.";

  public Audit {
    accounts = List.copyOf(accounts);
    sources = List.copyOf(sources);
    differences = List.copyOf(differences);
  }

  /**
   * A place that has accounts.
   *
   * @param queryId the id of the checkpoint whose batches these are
   * @param shown whether it is that of the accounts
   */
  public record Source(String place, UUID queryId, boolean shown, long first, long last) {}

  /**
   * The queries of a job, in its order.
   *
   * @param spark a session, asked for only where the name of a table needs one
   */
  public static List<Audit> of(Plan plan, Supplier<SparkSession> spark) {
    Configuration hadoop = new Configuration();
    plan.spark()
        .forEach(
            (key, value) -> {
              if (key.startsWith(HADOOP)) {
                hadoop.set(key.substring(HADOOP.length()), value);
              }
            });
    Checkpoints checkpoints = new Checkpoints(plan.checkpoint(), hadoop);
    return plan.queries().stream()
        .map(query -> of(plan, query, checkpoints, Place.of(plan, query, hadoop, spark)))
        .toList();
  }

  private static Audit of(
      Plan plan, Plan.Query query, Checkpoints checkpoints, List<Place> places) {
    String name = query.name();
    // In this order: a batch is begun, kept, and then called done.
    long done = checkpoints.done(name);
    Optional<UUID> known = checkpoints.knownId(name);
    Merged merged = Merged.of(places);
    long begun = checkpoints.begun(name);
    List<Account> own = known.map(merged::accounts).orElseGet(List::of);
    Optional<UUID> shown = own.isEmpty() ? merged.latest() : known;
    List<Account> accounts = shown.map(merged::accounts).orElseGet(List::of);
    String folder = checkpoints.folder(name);
    List<String> differences = new ArrayList<>(merged.faults());
    shown.ifPresent(id -> differences.addAll(merged.differences(id)));
    if (!own.isEmpty() && own.get(own.size() - 1).to() > begun) {
      differences.add(
          "The checkpoint %s is behind: it has begun batches up to %d, there are accounts up to %d"
              .formatted(folder, begun, own.get(own.size() - 1).to()));
    }
    if (own.isEmpty() && done >= 0 && !Keepers.of(plan, query).isEmpty()) {
      differences.add(
          "The checkpoint %s calls batches up to %d done, and no place has an account of one"
              .formatted(folder, done));
    }
    Optional<String> note =
        shown
            .filter(id -> own.isEmpty())
            .map(
                id ->
                    "There are none of the checkpoint %s, which %s; these are of one with the id %s"
                        .formatted(
                            folder,
                            known.map(other -> "has the id " + other).orElse("is not there"),
                            id));
    return new Audit(name, done, accounts, merged.sources(shown), note, differences);
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
    if (note.isEmpty()) {
      total().ifPresent(all -> gap(all.to(), done, gaps));
    }
    return gaps;
  }

  private static void gap(long after, long to, List<String> gaps) {
    if (to == after + 1) {
      gaps.add("batch " + to);
    } else if (to > after) {
      gaps.add("batches " + (after + 1) + " to " + to);
    }
  }

  /**
   * Whether every batch balances, none is missing since the first that was counted, and the places
   * agree.
   */
  public boolean holds() {
    return gaps().isEmpty()
        && differences.isEmpty()
        && accounts.stream().allMatch(Account::balanced);
  }
}
