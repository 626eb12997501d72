package io.millrace.tests.torture;

import io.millrace.engine.plan.Catalog;
import io.millrace.engine.run.DeadLetters;
import io.millrace.engine.run.Drive;
import io.millrace.engine.run.Drives;
import io.millrace.engine.spi.Failpoint;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;

/**
 * A job whose table refuses rows, which become dead letters and are driven again when it takes
 * them; it fails at every failpoint of that. In the end the table has each row once. Within one
 * JVM.
 */
final class LetterFailures {
  /** On the way of a row that was refused, in their order. */
  static final List<Failpoint> POINTS =
      List.of(
          Failpoint.FORWARDING,
          Failpoint.FORWARDED,
          Failpoint.DRIVE_ASIDE,
          Failpoint.DRIVE_BEGUN,
          Failpoint.DRIVE_ENDED);

  /** So many of them come while the job runs. */
  private static final int FORWARDING = 2;

  private static final int RECORDS = 100;
  private static final String SINK = "rows_jdbc";
  private static final DeadLetters.Filter REFUSED =
      new DeadLetters.Filter(
          Optional.empty(),
          Optional.of(SINK),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  private static final String TABLE =
      """
      create table "%s_rows" (part int, pos bigint, id bigint, k text, micros bigint,
        amount bigint constraint fifths check (amount %% 5 <> 0))
      """;

  private final SparkSession spark;
  private final Trial trial;
  private final Rounds rounds;
  private final Map<String, Integer> done = new TreeMap<>();

  LetterFailures(SparkSession spark, Trial trial) {
    this.spark = spark;
    this.trial = trial;
    this.rounds = new Rounds(spark, trial, Catalog.load());
  }

  /** All of it, for a job with the sink {@code rows_jdbc}. */
  Outcome run(long seed) throws IOException, InterruptedException {
    long begin = System.nanoTime();
    trial.execute(TABLE.formatted(trial.job()));
    try (Feeder feeder =
            new Feeder(trial.servers(), trial.job(), new Workload(seed), (int) Workload.FIRST);
        Table table = Mode.JDBC.table(trial, Part.ROWS)) {
      for (Failpoint point : POINTS.subList(0, FORWARDING)) {
        feeder.allow(RECORDS);
        feeder.await();
        Failures.fail(point.at(SINK), rounds::run, done);
      }
      feeder.end();
      rounds.run();
      trial.execute("alter table \"%s_rows\" drop constraint fifths".formatted(trial.job()));
      for (Failpoint point : POINTS.subList(FORWARDING, POINTS.size())) {
        Failures.fail(point.at(trial.job()), this::drive, done);
      }
      drive();
      Truth truth = Truth.of(trial.servers(), trial.job());
      Account account = Account.of(truth.all(Part.ROWS), table.entries(), 0);
      long records = feeder.sent() + Workload.PARTITIONS;
      return Outcome.within(Map.of(SINK, account), done, records, 0, begin);
    }
  }

  /** As {@code dead drive} does: goes on with the drive that is under way, else begins one. */
  private void drive() {
    Drives drives = new Drives(spark, rounds.plan());
    Optional<Drive> drive = drives.underWay().or(() -> drives.begin(REFUSED, Set.of()));
    drive.ifPresent(
        open -> {
          drives.plans(open).forEach(rounds::run);
          drives.end(open);
          done.merge("driven", 1, Integer::sum);
        });
  }
}
