package io.millrace.tests.torture;

import io.millrace.engine.spi.Failpoint;
import io.millrace.engine.testing.Sessions;
import io.millrace.tests.Tool;
import io.millrace.tests.simulation.Bug;
import io.millrace.tests.simulation.Simulation;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.spark.sql.SparkSession;

/**
 * What shows within minutes that all of it works: real kills, every failpoint once per sink within
 * one JVM, schedules of the simulation, planted bugs.
 */
final class ShortForm {
  private static final int KILLS = 6;
  private static final long RECORDS = 12_000;
  private static final int SCHEDULES = 10_000;
  private static final int UNTIL_FOUND = 200_000;
  private static final Duration MOST = Duration.ofMinutes(10);

  /** Sinks of the job that gets killed. */
  private static final List<Mode> KILLED = List.of(Mode.JDBC, Mode.KAFKA, Mode.DELTA);

  private final long seed;

  ShortForm(long seed) {
    this.seed = seed;
  }

  /**
   * Lets failpoints fail in this JVM, and its Spark interpret plans, which is quicker for few rows;
   * before any class of these is used. The jobs that are killed run as they always do.
   */
  static void arm() {
    System.setProperty(Failpoint.PROPERTY, "");
    System.setProperty("spark.sql.codegen.wholeStage", "false");
    System.setProperty("spark.sql.codegen.factoryMode", "NO_CODEGEN");
  }

  /**
   * All of it, on servers of its own. What needs no job in this JVM, where only one thread may let
   * failpoints fail, goes on beside what does.
   */
  List<Line> run(Lab lab) throws IOException, InterruptedException {
    ExecutorService beside = Executors.newSingleThreadExecutor();
    try {
      Future<Line> kill = beside.submit(() -> timed("kill", () -> killed(lab)));
      Future<List<Line>> schedules = beside.submit(() -> schedules(seed, SCHEDULES));
      List<Line> lines = new ArrayList<>(failpoints(lab, List.of(Mode.values())));
      lines.add(timed("planted", () -> planted(Sessions.spark(), lab)));
      lines.add(0, kill.get());
      lines.addAll(schedules.get());
      return lines;
    } catch (ExecutionException e) {
      throw new IllegalStateException("Cannot end what ran beside the failpoints", e);
    } finally {
      beside.shutdownNow();
    }
  }

  /** Every failpoint once per sink, within this JVM. */
  List<Line> failpoints(Lab lab, List<Mode> modes) throws IOException, InterruptedException {
    List<Line> lines = new ArrayList<>();
    SparkSession spark = Sessions.spark();
    lines.add(timed("letters", () -> refused(spark, lab)));
    for (Mode mode : modes) {
      lines.add(timed("failpoints", () -> failed(spark, lab, mode)));
    }
    return lines;
  }

  private interface Work {
    Line run() throws IOException, InterruptedException;
  }

  private static Line timed(String name, Work work) throws IOException, InterruptedException {
    long begin = System.nanoTime();
    double cpu = cpuSeconds();
    Line line = work.run();
    Tool.say(
        "%s %s: %s, %.0f s, %.0f s of CPU in this process meanwhile",
        name,
        String.join(" ", line.modes()),
        line.verdict(),
        (System.nanoTime() - begin) / 1e9,
        cpuSeconds() - cpu);
    return line;
  }

  private static double cpuSeconds() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getProcessCpuTime() / 1e9
        : 0;
  }

  private Line killed(Lab lab) throws IOException, InterruptedException {
    Trial trial = lab.trial("killed", Mode.job(KILLED));
    // One more kill comes when all windows close.
    List<Fault> kills = Fault.kills(KILLS - 1, new Random(seed));
    Campaign campaign =
        new Campaign(lab, trial, KILLED, seed, kills, RECORDS, MOST, said -> Tool.say("%s", said));
    try {
      Outcome outcome = campaign.run();
      if (outcome.kills() < KILLS) {
        throw new Broken(
            "Only %d of %d kills were done within %d minutes"
                .formatted(outcome.kills(), KILLS, MOST.toMinutes()));
      }
      return Line.of("kill", seed, KILLED, outcome);
    } catch (Broken broken) {
      return Line.broken("kill", seed, KILLED, String.valueOf(broken.getMessage()));
    }
  }

  private Line failed(SparkSession spark, Lab lab, Mode mode)
      throws IOException, InterruptedException {
    List<Mode> one = List.of(mode);
    Trial trial = lab.trial("failing_" + mode.word(), Mode.job(one));
    try {
      Outcome outcome =
          new Failures(spark, trial, trial.tables(one)).run(seed, Failures.places(mode));
      return Line.of("failpoints", seed, one, outcome);
    } catch (Broken broken) {
      return Line.broken("failpoints", seed, one, String.valueOf(broken.getMessage()));
    }
  }

  private Line refused(SparkSession spark, Lab lab) throws IOException, InterruptedException {
    List<Mode> one = List.of(Mode.JDBC);
    Trial trial = lab.trial("refusing", Mode.job(one));
    try {
      return Line.of("letters", seed, one, new LetterFailures(spark, trial).run(seed));
    } catch (Broken broken) {
      return Line.broken("letters", seed, one, String.valueOf(broken.getMessage()));
    }
  }

  /** A job whose ledgers and checkpoint are put back. */
  static Line rolledBack(SparkSession spark, Lab lab, Mode mode, long seed)
      throws IOException, InterruptedException {
    List<Mode> one = List.of(mode);
    Trial trial = lab.trial("back_" + mode.word(), Mode.job(one));
    try {
      return Line.of("rollbacks", seed, one, new Rollbacks(spark, trial, mode).run(seed));
    } catch (Broken broken) {
      return Line.broken("rollbacks", seed, one, String.valueOf(broken.getMessage()));
    }
  }

  private Line planted(SparkSession spark, Lab lab) throws IOException, InterruptedException {
    PlantedBugs bugs = new PlantedBugs(spark, lab::trial);
    List<String> missed = bugs.missed();
    return missed.isEmpty()
        ? Line.counted("planted", seed, Map.of("found", bugs.count()), "held")
        : Line.broken("planted", seed, List.of(), String.join("\n", missed));
  }

  /** Schedules of the simulation, and then bugs, each of which has to be found. */
  static List<Line> schedules(long from, int count) {
    Tool.say("%,d schedules of the simulation, then planted bugs", count);
    long begin = System.nanoTime();
    Simulation.Result result = Simulation.run(from, count, Bug.NONE);
    List<Line> lines = new ArrayList<>();
    lines.add(Line.of(from, result, (System.nanoTime() - begin) / 1e9));
    for (Bug bug : EnumSet.complementOf(EnumSet.of(Bug.NONE))) {
      Simulation.Result found = Simulation.run(from, UNTIL_FOUND, bug);
      if (found.failing().isEmpty()) {
        lines.add(
            Line.broken(
                "schedules", from, List.of(), "The planted bug %s was not found".formatted(bug)));
      }
    }
    return lines;
  }
}
