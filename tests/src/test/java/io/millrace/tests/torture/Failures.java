package io.millrace.tests.torture;

import io.millrace.engine.plan.Catalog;
import io.millrace.engine.spi.Failpoint;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;

/**
 * A job that fails at every failpoint of a sink, one after another, within one JVM: each start
 * finds what the one before left there, and gets some new records to fail at.
 */
final class Failures {
  private static final int RECORDS = 40;
  private static final String STATELESS = "events";

  /** Those of a sink that takes its rows in tasks. */
  private static final List<Failpoint> BY_ROW =
      List.of(
          Failpoint.BEGUN,
          Failpoint.ROW_WRITTEN,
          Failpoint.TASK_FINISHED,
          Failpoint.TASKS_DONE,
          Failpoint.ROWS_STORED,
          Failpoint.NUMBER_STORED,
          Failpoint.COMMITTED,
          Failpoint.SINK_DONE);

  private final Trial trial;
  private final List<Table> tables;
  private final Rounds rounds;
  private final Map<String, Integer> done = new TreeMap<>();

  Failures(SparkSession spark, Trial trial, List<Table> tables) {
    this.trial = trial;
    this.tables = tables;
    this.rounds = new Rounds(spark, trial, Catalog.load());
  }

  /** The places at which a job with one kind of sinks can fail, as the property names them. */
  static List<String> places(Mode mode) {
    List<String> places = new ArrayList<>();
    places.add(Failpoint.FENCED.at(STATELESS));
    points(mode).forEach(point -> places.add(point.at(Part.ROWS.word() + "_" + mode.word())));
    places.add(Failpoint.DELIVERED.at(STATELESS));
    places.add(Failpoint.ACCOUNTED.at(STATELESS));
    places.add(Failpoint.COMMITTED.at(Part.WINDOWS.word() + "_" + mode.word()));
    places.add(Failpoint.ACCOUNTED.at(Trial.STATEFUL));
    return List.copyOf(places);
  }

  /** On the way of a batch through one sink, in their order. */
  private static List<Failpoint> points(Mode mode) {
    return switch (mode) {
      case JDBC, STAGED, KAFKA -> BY_ROW;
      case REDIS -> BY_ROW.stream().filter(point -> point != Failpoint.NUMBER_STORED).toList();
      case DELTA -> List.of(Failpoint.BEGUN, Failpoint.COMMITTED, Failpoint.SINK_DONE);
      case FILES ->
          List.of(
              Failpoint.BEGUN,
              Failpoint.ROWS_STORED,
              Failpoint.COMMITTED,
              Failpoint.FILE_MOVED,
              Failpoint.SINK_DONE);
    };
  }

  /**
   * Lets the job fail at each of these places, and then come to its end.
   *
   * @throws Broken if it does not come to one of them, or fails elsewhere
   */
  Outcome run(long seed, List<String> places) throws IOException, InterruptedException {
    long begin = System.nanoTime();
    try (Feeder feeder =
            new Feeder(trial.servers(), trial.job(), new Workload(seed), (int) Workload.FIRST);
        Watcher watcher = new Watcher(tables, trial.checkpoint())) {
      feeder.allow(Workload.FIRST);
      feeder.await();
      rounds.run();
      for (String place : places) {
        feeder.allow(RECORDS);
        feeder.await();
        fail(place, rounds::run, done);
        watcher.look();
      }
      feeder.end();
      rounds.run();
      watcher.look();
      Truth truth = Truth.of(trial.servers(), trial.job());
      return Outcome.within(
          watcher.accounts(truth),
          done,
          feeder.sent() + Workload.PARTITIONS,
          watcher.count(),
          begin);
    }
  }

  /** Lets some work fail at a place. */
  static void fail(String place, Runnable work, Map<String, Integer> done) {
    System.setProperty(Failpoint.PROPERTY, place);
    try {
      work.run();
    } catch (RuntimeException e) {
      if (place.equals(System.getProperty(Failpoint.PROPERTY))) {
        throw new Broken("The job failed before it came to " + place + ": " + e.getMessage());
      }
      done.merge(place.substring(0, place.indexOf('@')), 1, Integer::sum);
      return;
    } finally {
      System.getProperties().remove(Failpoint.PROPERTY);
    }
    throw new Broken("The job did not fail at " + place);
  }
}
