package io.millrace.tests.simulation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Many schedules, each a function of its seed. */
public final class Simulation {
  private static final int WORKERS = 4;

  private Simulation() {}

  /**
   * What came of them.
   *
   * @param failing the first seed under which something did not hold
   * @param what it was, and the steps before it
   * @param done what happened in all of them, and how often
   */
  public record Result(
      int schedules, Optional<Long> failing, String what, Map<String, Integer> done) {}

  /** Runs schedules until one does not hold; several at a time, of which none knows another. */
  public static Result run(long seed, int count, Bug bug) {
    Sum sum = new Sum();
    AtomicInteger next = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(WORKERS);
    try {
      List<Future<?>> workers = new ArrayList<>();
      for (int worker = 0; worker < WORKERS; worker++) {
        workers.add(threads.submit(() -> work(seed, count, bug, next, sum)));
      }
      for (Future<?> worker : workers) {
        worker.get();
      }
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException("Stopped among schedules", e);
    } finally {
      threads.shutdown();
    }
    Optional<Long> failing = sum.failing.stream().min(Comparator.naturalOrder());
    return new Result(
        sum.schedules, failing, failing.map(bad -> replay(bad, bug)).orElse(""), sum.done);
  }

  /** What all workers found. */
  private static final class Sum {
    private final Map<String, Integer> done = new TreeMap<>();
    private final List<Long> failing = new ArrayList<>();
    private int schedules;

    synchronized void add(long seed, World.Result result) {
      schedules++;
      result.done().forEach((what, times) -> done.merge(what, times, Integer::sum));
      if (result.violation().isPresent()) {
        failing.add(seed);
      }
    }

    synchronized boolean sound() {
      return failing.isEmpty();
    }
  }

  private static void work(long seed, int count, Bug bug, AtomicInteger next, Sum sum) {
    for (int at = next.getAndIncrement(); at < count && sum.sound(); at = next.getAndIncrement()) {
      sum.add(seed + at, new World(seed + at, bug).run());
    }
  }

  /** The steps of one schedule, and what did not hold. */
  public static String replay(long seed, Bug bug) {
    World.Result result = new World(seed, bug).traced().run();
    return "Seed %d: %s\n  %s"
        .formatted(
            seed, result.violation().orElse("all holds"), String.join("\n  ", result.trace()));
  }
}
