package io.millrace.tests.torture;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A second reader, which looks into every sink again and again while the job is killed, and keeps
 * what it saw.
 */
final class Watcher implements AutoCloseable {
  private static final long PAUSE_MILLIS = 30;

  /** How many times as long as a look takes it pauses behind it, at least. */
  private static final long REST = 9;

  private final List<Table> tables;
  private final Checkpoint checkpoint;
  private final Map<String, Set<Look>> looks = new HashMap<>();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(Watcher::thread);
  private long count;
  private final List<RuntimeException> problems = new ArrayList<>();

  Watcher(List<Table> tables, Checkpoint checkpoint) {
    this.tables = tables;
    this.checkpoint = checkpoint;
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "watcher");
    thread.setDaemon(true);
    return thread;
  }

  /** Looks from now on, until it is closed. */
  Watcher start() {
    next(0);
    return this;
  }

  @SuppressWarnings("FutureReturnValueIgnored") // Its problems are kept.
  private void next(long millis) {
    if (!clock.isShutdown()) {
      clock.schedule(this::tick, millis, TimeUnit.MILLISECONDS);
    }
  }

  private void tick() {
    long begin = System.nanoTime();
    try {
      look();
    } catch (RuntimeException | Error e) {
      keep(new IllegalStateException("The second reader ended: " + e.getMessage(), e));
      return;
    }
    next(Math.max(PAUSE_MILLIS, REST * (System.nanoTime() - begin) / 1_000_000));
  }

  private synchronized void keep(RuntimeException problem) {
    problems.add(problem);
  }

  /** Looks once. */
  synchronized void look() {
    for (Table table : tables) {
      for (Look look : table.look()) {
        // A job forgets how far its batches read after a while, so it is learned now.
        checkpoint.mark(look.query(), look.batch());
        looks.computeIfAbsent(table.sink(), key -> new LinkedHashSet<>()).add(look);
        count++;
      }
    }
  }

  /** Does not look while something is done to what the sinks stand on. */
  synchronized void blind(Runnable work) {
    tables.forEach(Table::close);
    work.run();
  }

  /**
   * Ends a run whose second reader has ended.
   *
   * @throws RuntimeException that ended it
   */
  synchronized void failIfEnded() {
    if (!problems.isEmpty()) {
      throw problems.get(0);
    }
  }

  /** How often it has looked into a sink. */
  synchronized long count() {
    return count;
  }

  /**
   * Holds every sink, and every state that it was seen in, against the truth.
   *
   * @throws RuntimeException that ended the watch
   */
  synchronized Map<String, Account> accounts(Truth truth) {
    failIfEnded();
    Map<String, Account> accounts = new LinkedHashMap<>();
    for (Table table : tables) {
      accounts.put(
          table.sink(), Account.of(truth.all(table.part()), table.entries(), torn(table, truth)));
    }
    return accounts;
  }

  /** How many of the states that a sink was seen in are not those of whole batches. */
  private long torn(Table table, Truth truth) {
    return looks.getOrDefault(table.sink(), Set.of()).stream()
        .filter(
            look ->
                !truth
                    .sums(look.part(), checkpoint.mark(look.query(), look.batch()))
                    .equals(look.sums()))
        .count();
  }

  /** Whether a sink has a batch that its query has not noted as done. */
  synchronized boolean ahead() {
    return looks.values().stream()
        .map(seen -> List.copyOf(seen).get(seen.size() - 1))
        .anyMatch(look -> look.batch() > checkpoint.done(look.query()));
  }

  @Override
  public void close() {
    clock.shutdownNow();
    tables.forEach(Table::close);
  }
}
