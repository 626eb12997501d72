package io.millrace.tests.torture;

import io.millrace.engine.plan.Catalog;
import io.millrace.engine.run.Launcher;
import io.millrace.engine.run.RefusedStartException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;

/**
 * A job of one kind of sinks, whose ledgers and checkpoint are put back, replaced and dropped, each
 * alone and by different amounts: every such start has to be refused, with what is missing and what
 * to do. Once all is as it was the job goes on; and a checkpoint that is adopted writes what lies
 * between once more, no row else. Starts are within one JVM.
 */
final class Rollbacks {
  private static final int RECORDS = 60;
  private static final String STATELESS = "events";
  private static final String BEHIND = "went back in time. It has batches up to ";
  private static final String MISSING = "Missing in the sink: batch";
  private static final String TWICE = "would be written once more";
  private static final String REPLACED = "of another checkpoint";
  private static final String LOST = "knows nothing of this job";

  private final Trial trial;
  private final List<Table> tables;
  private final Rounds rounds;
  private final Book checkpoint;
  private final Map<String, Book> ledgers = new LinkedHashMap<>();
  private final Map<String, Integer> done = new TreeMap<>();
  private Mark second = Mark.NOTHING;

  Rollbacks(SparkSession spark, Trial trial, Mode mode) {
    this.trial = trial;
    this.tables = trial.tables(List.of(mode));
    this.rounds = new Rounds(spark, trial, Catalog.load());
    this.checkpoint = folder("checkpoint");
    for (Part part : List.of(Part.ROWS, Part.WINDOWS)) {
      String sink = part.word() + "_" + mode.word();
      ledgers.put(
          sink,
          switch (mode) {
            case JDBC, STAGED -> new JdbcBook(trial, sink);
            case KAFKA -> new KafkaBook(trial, sink);
            case DELTA -> folder(part.word());
            case FILES, REDIS ->
                throw new IllegalArgumentException(
                    mode.word() + " is no sink that can be put back");
          });
    }
  }

  private Book folder(String name) {
    Path copies = trial.folder().resolve("copies").resolve(name);
    return new FolderBook(trial.folder().resolve(name), copies);
  }

  /**
   * All of it.
   *
   * @throws Broken if a start is not refused as it should be
   */
  Outcome run(long seed) throws IOException, InterruptedException {
    long begin = System.nanoTime();
    try (Feeder feeder =
            new Feeder(trial.servers(), trial.job(), new Workload(seed), (int) Workload.FIRST);
        Watcher watcher = new Watcher(tables, trial.checkpoint())) {
      round(feeder, Workload.FIRST);
      keep("first");
      round(feeder, RECORDS);
      keep("second");
      round(feeder, RECORDS);
      keep("now");
      ledgers.forEach(this::ledgerAlone);
      checkpointAlone();
      round(feeder, RECORDS);
      lostNote();
      feeder.end();
      rounds.run();
      watcher.look();
      Truth truth = Truth.of(trial.servers(), trial.job());
      Map<String, Account> accounts = watcher.accounts(truth);
      adopted(truth);
      long records = feeder.sent() + Workload.PARTITIONS;
      return Outcome.within(accounts, done, records, watcher.count(), begin);
    }
  }

  private void round(Feeder feeder, long records) throws InterruptedException {
    feeder.allow(records);
    feeder.await();
    rounds.run();
  }

  private void keep(String name) {
    checkpoint.keep(name);
    ledgers.values().forEach(ledger -> ledger.keep(name));
    if (name.equals("second")) {
      Checkpoint files = trial.checkpoint();
      second = files.mark(STATELESS, files.done(STATELESS));
    }
  }

  /** One sink is behind its checkpoint, by one round or by two, or knows nothing at all. */
  private void ledgerAlone(String sink, Book ledger) {
    for (String moment : List.of("second", "first")) {
      ledger.putBack(moment);
      refused("ledger_back", "sink '" + sink + "' " + BEHIND, MISSING);
      checkpoint.putBack(moment.equals("first") ? "second" : "first");
      refused("both_back", "sink '" + sink + "'", moment.equals("first") ? BEHIND : TWICE);
      checkpoint.putBack("now");
    }
    ledger.drop();
    refused("ledger_dropped", "sink '" + sink + "' " + LOST);
    ledger.putBack("now");
  }

  private void checkpointAlone() {
    for (String moment : List.of("second", "first")) {
      checkpoint.putBack(moment);
      for (String sink : ledgers.keySet()) {
        refused("checkpoint_back", "sink '" + sink + "' has batches up to", TWICE);
      }
    }
    checkpoint.drop();
    for (String sink : ledgers.keySet()) {
      refused("checkpoint_replaced", "sink '" + sink + "' has batches up to", REPLACED);
    }
    // A refused start may have left the number of a new checkpoint behind.
    checkpoint.putBack("now");
  }

  private void refused(String what, String... words) {
    try {
      rounds.run();
    } catch (RefusedStartException e) {
      boolean told =
          e.reasons().stream()
              .anyMatch(
                  reason ->
                      reason.contains("--adopt")
                          && List.of(words).stream().allMatch(reason::contains));
      if (!told) {
        throw new Broken(
            "%s: the refusal lacks %s:%n%s"
                .formatted(what, List.of(words), String.join("\n", e.reasons())));
      }
      done.merge(what, 1, Integer::sum);
      return;
    }
    throw new Broken(
        what + ": the job started, and should have been refused for " + List.of(words));
  }

  /** The sinks are one batch ahead of the notes, as behind a kill: no start is refused for that. */
  private void lostNote() {
    Checkpoint files = trial.checkpoint();
    for (String query : files.queries()) {
      if (files.forget(query)) {
        done.merge("lost_commit", 1, Integer::sum);
      }
    }
    rounds.run();
  }

  /** What the checkpoint no longer knows is written again, once, and nothing else. */
  private void adopted(Truth truth) {
    checkpoint.putBack("second");
    rounds.run(Launcher.Start.ADOPTING);
    rounds.run();
    Table table = tables.get(0);
    List<Entry> all = truth.all(table.part());
    Account account = Account.of(all, table.entries(), 0);
    long again = all.size() - truth.sums(table.part(), second).rows();
    if (account.duplicated() != again || account.lost() + account.altered() != 0) {
      throw new Broken(
          "A checkpoint that was adopted should have written %d rows again: %s"
              .formatted(again, account));
    }
    done.merge("adopted", 1, Integer::sum);
  }
}
