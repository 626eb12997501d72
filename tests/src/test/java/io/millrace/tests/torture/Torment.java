package io.millrace.tests.torture;

import io.millrace.engine.testing.Folders;
import io.millrace.jobs.Exit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A job that is started, killed, halted and started again on the same checkpoint. */
final class Torment implements AutoCloseable {
  /** After which something that should happen is called missing. */
  static final Duration PATIENCE = Duration.ofMinutes(3);

  private static final String TRIGGER = "100ms";
  private static final int QUERIES = 2;
  private static final long GLANCE_MILLIS = 25;

  private final Trial trial;
  private final Checkpoint checkpoint;
  private final Path file;
  private final Map<String, Integer> done = new TreeMap<>();
  private final List<Recovery> recoveries = new ArrayList<>();
  private final List<Victim> all = new ArrayList<>();
  private Map<String, Long> before = Map.of();
  private boolean recovering;
  private Victim victim;

  Torment(Trial trial, Checkpoint checkpoint) throws IOException {
    this.trial = trial;
    this.checkpoint = checkpoint;
    this.file = Files.writeString(trial.folder().resolve("job.yaml"), trial.text());
    Runtime.getRuntime().addShutdownHook(new Thread(this::close));
    this.victim = start();
  }

  private synchronized Victim start() throws IOException {
    Path scratch = Files.createDirectories(trial.folder().resolve("scratch-" + all.size()));
    before = batches();
    recovering = true;
    Victim started =
        Victim.start(
            Start.command(file, scratch),
            trial.variables(TRIGGER),
            trial.folder().resolve("victim-" + all.size() + ".log"));
    all.add(started);
    return started;
  }

  /** How many processes there were. */
  int starts() {
    return all.size();
  }

  /** What was done to the job, and what came of it: how often, by kind. */
  Map<String, Integer> done() {
    return Map.copyOf(done);
  }

  /** The starts that have completed a batch. */
  List<Recovery> recoveries() {
    return List.copyOf(recoveries);
  }

  void count(String kind) {
    done.merge(kind, 1, Integer::sum);
  }

  private Map<String, Long> batches() {
    Map<String, Long> batches = new HashMap<>();
    checkpoint.queries().forEach(query -> batches.put(query, checkpoint.done(query)));
    return batches;
  }

  /** The queries that have completed a batch since the last start. */
  private long progressed() {
    return batches().entrySet().stream()
        .filter(query -> query.getValue() > before.getOrDefault(query.getKey(), -1L))
        .count();
  }

  /** Waits until a query has completed a batch since the job's start. */
  void awaitProgress() throws InterruptedException {
    await("complete a batch", () -> progressed() > 0);
    recovered();
  }

  /** Waits until every query has. */
  void awaitProgressOfAll() throws InterruptedException {
    awaitProgress();
    await("complete a batch of each query", () -> progressed() == QUERIES);
  }

  private void recovered() {
    if (recovering) {
      recoveries.add(new Recovery(victim.age().toMillis() / 1000.0, victim.cpuSeconds()));
      recovering = false;
    }
  }

  /** Waits for something that the running job has to bring about. */
  void await(String what, BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (!victim.alive() && !condition.getAsBoolean()) {
        throw new Broken(
            "The job ended by itself with exit code %d before it could %s:\n%s"
                .formatted(victim.exit(), what, victim.last()));
      }
      if (System.nanoTime() > end) {
        throw new Broken(
            "The job did not %s within %d s:\n%s"
                .formatted(what, PATIENCE.toSeconds(), victim.last()));
      }
      TimeUnit.MILLISECONDS.sleep(GLANCE_MILLIS);
    }
  }

  /** Lets the job work for some time, or until something is so. */
  void work(Duration most, BooleanSupplier enough) throws InterruptedException {
    long end = System.nanoTime() + most.toNanos();
    await("work", () -> enough.getAsBoolean() || System.nanoTime() > end);
  }

  /** {@code kill -9}, and another start. */
  void kill(BooleanSupplier forget) throws IOException, InterruptedException {
    victim.kill();
    again(forget);
  }

  /**
   * Something that the job needs goes away and comes back. The job goes on, or ends with exit code
   * 3 and is started again.
   *
   * @param outage until it is back
   * @param input brings more work, at which it shows
   */
  void outage(Fault fault, Runnable outage, Runnable input)
      throws IOException, InterruptedException {
    outage.run();
    before = batches();
    input.run();
    await("go on or end", () -> progressed() == QUERIES || !victim.alive());
    if (victim.alive()) {
      count(fault.word() + "_survived");
      return;
    }
    if (victim.exit() != Exit.FAILED) {
      throw new Broken(
          "The job ended with exit code %d in place of %d when the %s was gone:\n%s"
              .formatted(victim.exit(), Exit.FAILED, fault.word(), victim.last()));
    }
    again(() -> false);
  }

  /**
   * The disk under the checkpoint fills up: the job has to end and name the folder. With space
   * again it goes on.
   *
   * @param input brings some more work, again and again
   */
  void fill(SmallDisk disk, Runnable input) throws IOException, InterruptedException {
    disk.fill();
    await(
        "end on a full disk",
        () -> {
          input.run();
          return !victim.alive();
        });
    String folder = disk.folder().toString();
    if (victim.exit() != Exit.FAILED || !victim.said().contains(folder)) {
      throw new Broken(
          "The job ended on a full disk with exit code %d, and should have named %s with %d:%n%s"
              .formatted(victim.exit(), folder, Exit.FAILED, victim.last()));
    }
    disk.free();
    again(() -> false);
  }

  /** Asks the job to end, which has to be with exit code 0; and another start. */
  void terminate(BooleanSupplier forget) throws IOException, InterruptedException {
    end();
    again(forget);
  }

  /** Asks the job to end, which has to be with exit code 0. */
  void end() throws IOException, InterruptedException {
    victim.terminate();
    if (!victim.ended(PATIENCE)) {
      throw new Broken("The job did not end when it was asked to:\n" + victim.last());
    }
    if (victim.exit() != Exit.DONE) {
      throw new Broken(
          "The job ended with exit code %d when it was asked to end:\n%s"
              .formatted(victim.exit(), victim.last()));
    }
  }

  private void again(BooleanSupplier forget) throws IOException {
    clean(all.size() - 1);
    if (forget.getAsBoolean()) {
      for (String query : checkpoint.queries()) {
        if (checkpoint.forget(query)) {
          count("lost_commit");
        }
      }
    }
    victim = start();
  }

  private void clean(int number) {
    Folders.delete(trial.folder().resolve("scratch-" + number));
  }

  /**
   * Halts the job, starts it a second time, and wakes the first when the second has gone on: the
   * first has to end by itself. Where the second cannot start, for what the first holds, the first
   * goes on.
   *
   * @param input brings more work
   */
  void pause(Runnable input) throws IOException, InterruptedException {
    Victim first = victim;
    int number = all.size() - 1;
    first.pause();
    Map<String, Long> begun = new HashMap<>();
    checkpoint.queries().forEach(query -> begun.put(query, checkpoint.begun(query)));
    Victim second = start();
    victim = second;
    recovering = false;
    input.run();
    BooleanSupplier over =
        () ->
            begun.entrySet().stream()
                .anyMatch(query -> checkpoint.done(query.getKey()) > query.getValue());
    await("go on without the halted one", () -> over.getAsBoolean() || !second.alive());
    first.wake();
    if (over.getAsBoolean()) {
      fenced(first);
      clean(number);
    } else {
      blocked(first, second, input);
    }
  }

  /**
   * Starts the job a second time while it works: exactly one of the two goes on. Where no sink has
   * an epoch, each may meet the other's notes in the checkpoint of another query: then both end,
   * and the job is started again.
   *
   * @param input brings some more work, again and again
   */
  void secondStart(Runnable input) throws IOException, InterruptedException {
    Victim first = victim;
    int number = all.size() - 1;
    Victim second = start();
    victim = second;
    recovering = false;
    await(
        "end beside the other start, or end that one",
        () -> {
          input.run();
          return !first.alive() || !second.alive();
        });
    boolean firstEnded = !first.alive();
    victim = firstEnded ? second : first;
    String fence = fenced(firstEnded ? first : second);
    before = batches();
    await(
        "go on, where the other start has ended,",
        () -> {
          input.run();
          return progressed() == QUERIES || (!victim.alive() && Fences.ofNoEpoch(fence));
        });
    if (victim.alive()) {
      count(firstEnded ? "second_start_took_over" : "second_start_gave_way");
      clean(firstEnded ? number : all.size() - 1);
      return;
    }
    String other = fenced(victim);
    if (!Fences.ofNoEpoch(other)) {
      throw new Broken(
          "Both starts ended, and one of them by an epoch: " + fence + " and " + other);
    }
    count("second_start_both_ended");
    clean(number);
    again(() -> false);
  }

  private String fenced(Victim loser) throws InterruptedException {
    String fence = Fences.met(loser, PATIENCE);
    count(fence);
    return fence;
  }

  /**
   * The halted one held a lock: it goes on, or has lost its epoch meanwhile. The other start has
   * taken over some of its sinks before it met the lock, so it ends sooner or later.
   */
  private void blocked(Victim first, Victim second, Runnable input)
      throws IOException, InterruptedException {
    if (second.exit() != Exit.FAILED || !second.said().contains("lock")) {
      throw new Broken(
          "A second start ended with exit code %d beside one that is halted:\n%s"
              .formatted(second.exit(), second.last()));
    }
    count("second_start_locked_out");
    clean(all.size() - 1);
    victim = first;
    before = batches();
    input.run();
    await("go on or end when it is woken", () -> progressed() > 0 || !first.alive());
    if (first.alive()) {
      first.kill();
    } else {
      fenced(first);
    }
    victim = start();
  }

  @Override
  public synchronized void close() {
    all.forEach(Victim::close);
  }
}
