package io.millrace.tests.torture;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** One job under torture, from its first record to the account of all of them. */
final class Campaign {
  private static final int CHUNKS = 25;

  /** A partition must not get ahead of another by more than the watermark allows. */
  private static final long MOST_CHUNK = 1000;

  private static final int TRICKLE = 4;
  private static final Duration MOST_WORK = Duration.ofMillis(1500);
  private static final Duration MOST_START = Duration.ofSeconds(6);
  private static final Duration MOST_AIM = Duration.ofSeconds(3);

  private final Lab lab;
  private final Trial trial;
  private final List<Table> tables;
  private final long seed;
  private final long records;
  private final List<Fault> faults;
  private final Random random;
  private Optional<SmallDisk> disk = Optional.empty();
  private final Duration most;
  private final Consumer<String> said;

  /**
   * A job to torture.
   *
   * @param records how many the topic gets, besides those that close its windows
   * @param most after which no further fault is begun
   * @param said gets a line per fault
   */
  Campaign(
      Lab lab,
      Trial trial,
      List<Mode> modes,
      long seed,
      List<Fault> faults,
      long records,
      Duration most,
      Consumer<String> said) {
    this.lab = lab;
    this.trial = trial;
    this.tables = trial.tables(modes);
    this.seed = seed;
    this.records = Math.max(records, 2 * Workload.FIRST);
    this.random = new Random(seed);
    this.faults = faults;
    this.most = most;
    this.said = said;
  }

  /**
   * Tortures the job and holds its sinks against the truth.
   *
   * @throws Broken if the job refuses to start, ends by itself, or does not end when it must
   */
  @SuppressWarnings("try") // It is mounted for as long as this runs.
  Outcome run() throws IOException, InterruptedException {
    long begin = System.nanoTime();
    Checkpoint checkpoint = trial.checkpoint();
    long quota = Math.max(1, (records - Workload.FIRST) / (faults.size() + 1));
    int chunk = (int) Math.max(1, Math.min(MOST_CHUNK, quota / CHUNKS));
    disk =
        faults.contains(Fault.DISK_FULL)
            ? Optional.of(SmallDisk.at(trial.folder().resolve("checkpoint")))
            : Optional.empty();
    try (SmallDisk mounted = disk.orElse(null);
        Feeder feeder = new Feeder(trial.servers(), trial.job(), new Workload(seed), chunk);
        Watcher watcher = new Watcher(tables, checkpoint).start()) {
      feeder.allow(Workload.FIRST);
      feeder.await();
      try (Torment torment = new Torment(trial, checkpoint)) {
        torment.await(
            "move its watermark",
            () -> checkpoint.mark(Trial.STATEFUL, checkpoint.done(Trial.STATEFUL)).watermark() > 0);
        for (Fault fault : faults) {
          if (System.nanoTime() - begin > most.toNanos()) {
            break;
          }
          inflict(fault, torment, watcher, feeder, quota);
          watcher.failIfEnded();
          said.accept(
              "%-10s start %3d, %,d records sent, batches %s"
                  .formatted(fault.word(), torment.starts(), feeder.sent(), reached(checkpoint)));
        }
        long tormented = System.nanoTime() - begin;
        Truth truth = finish(torment, feeder, checkpoint);
        watcher.look();
        return new Outcome(
            watcher.accounts(truth),
            torment.done(),
            torment.recoveries(),
            torment.starts(),
            feeder.sent() + Workload.PARTITIONS,
            watcher.count(),
            tormented / 1e9,
            (System.nanoTime() - begin) / 1e9);
      }
    }
  }

  private static String reached(Checkpoint checkpoint) {
    List<String> all = new ArrayList<>();
    checkpoint.queries().forEach(query -> all.add(query + " " + checkpoint.done(query)));
    return String.join(", ", all);
  }

  private void inflict(Fault fault, Torment torment, Watcher watcher, Feeder feeder, long quota)
      throws IOException, InterruptedException {
    BooleanSupplier forget = () -> random.nextInt(3) == 0;
    BooleanSupplier never = () -> false;
    if (fault == Fault.LOST_ANSWER) {
      // A start may have delivered all that it was given before it was killed.
      feeder.allow(quota / 2);
      torment.awaitProgress();
    } else if (fault == Fault.KILL_EARLY) {
      feeder.allow(quota);
      torment.work(upTo(MOST_START), never);
    } else {
      feeder.allow(quota / 4);
      if (random.nextBoolean()) {
        torment.awaitProgress();
      } else {
        torment.awaitProgressOfAll();
      }
      feeder.allow(quota - quota / 4);
      if (fault == Fault.KILL_AHEAD) {
        torment.work(upTo(MOST_WORK), never);
        torment.work(MOST_AIM, watcher::ahead);
      } else {
        torment.work(upTo(MOST_WORK), never);
      }
    }
    torment.count(fault.word());
    Runnable more = () -> feeder.allow(Math.max(1, quota / 4));
    switch (fault) {
      case KILL_EARLY, KILL, KILL_AHEAD -> torment.kill(forget);
      case TERM -> torment.terminate(forget);
      case PAUSE -> torment.pause(() -> feeder.allow(quota / 4));
      case BROKER -> {
        feeder.allow(quota / 4);
        torment.outage(fault, () -> watcher.blind(lab.broker()::killAndRestart), more);
      }
      case DATABASE -> {
        feeder.allow(quota / 4);
        torment.outage(fault, () -> watcher.blind(lab::restartDatabase), more);
      }
      case LOST_ANSWER -> {
        lab.way().loseTheAnswerTo("COMMIT");
        feeder.allow(quota / 4);
        torment.await("commit a batch", () -> lab.way().lost());
        torment.outage(fault, () -> {}, more);
      }
      case SECOND_START -> torment.secondStart(() -> trickle(feeder));
      case HALF_OPEN_DATABASE -> {
        feeder.allow(quota / 4);
        torment.outage(fault, lab.way()::strand, more);
      }
      case HALF_OPEN_BROKER -> {
        feeder.allow(quota / 4);
        torment.outage(fault, lab.wayToBroker()::strand, more);
      }
      case DISK_FULL -> torment.fill(disk.orElseThrow(), () -> trickle(feeder));
    }
  }

  /** Some records more, as soon as those before them are sent. */
  private static void trickle(Feeder feeder) {
    if (feeder.sent() == feeder.allowed()) {
      feeder.allow(TRICKLE);
    }
  }

  private Duration upTo(Duration most) {
    return Duration.ofMillis(random.nextLong(most.toMillis()));
  }

  /** Sends the rest, closes all windows under one more kill, and waits until all is delivered. */
  private Truth finish(Torment torment, Feeder feeder, Checkpoint checkpoint)
      throws IOException, InterruptedException {
    feeder.allow(Math.max(0, records - feeder.allowed()));
    feeder.await();
    torment.await("deliver all that was sent", () -> delivered(checkpoint, feeder.ends(), 0));
    feeder.end();
    torment.work(upTo(MOST_WORK), () -> false);
    torment.count(Fault.KILL.word());
    torment.kill(() -> false);
    Truth truth = Truth.of(trial.servers(), trial.job());
    torment.await(
        "deliver every window", () -> delivered(checkpoint, feeder.ends(), truth.watermark()));
    torment.count(Fault.TERM.word());
    torment.end();
    return truth;
  }

  private static boolean delivered(Checkpoint checkpoint, Map<Integer, Long> ends, long watermark) {
    return checkpoint.queries().contains(Trial.STATEFUL)
        && checkpoint.mark(Trial.STATEFUL, checkpoint.done(Trial.STATEFUL)).watermark() >= watermark
        && checkpoint.queries().stream()
            .allMatch(query -> checkpoint.mark(query, checkpoint.done(query)).covers(ends));
  }
}
