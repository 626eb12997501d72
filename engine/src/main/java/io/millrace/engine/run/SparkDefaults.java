package io.millrace.engine.run;

import io.millrace.engine.disk.Disk;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.spark.sql.SparkSession;
import scala.Option;

/** Spark settings that suit streaming, for every key that nobody set. */
public final class SparkDefaults {
  private static final String STATE = "spark.sql.streaming.stateStore.";
  private static final String REUSE = "spark.sql.exchange.reuse";

  private static final String STORE = STATE + "providerClass";
  private static final String ROCKSDB =
      "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider";

  /** In form 3 all that a join keeps is in one store, where there are four: RocksDB alone can. */
  private static final String JOINS = "spark.sql.streaming.join.stateFormatVersion";

  private SparkDefaults() {}

  /**
   * What a job runs with unless it says otherwise. State partitions and the store are frozen into a
   * checkpoint by its first batch.
   *
   * @param cores of the whole job
   */
  public static Map<String, String> of(int cores) {
    Map<String, String> defaults = new LinkedHashMap<>();
    String partitions = Integer.toString(Math.max(2, cores));
    defaults.put("spark.sql.shuffle.partitions", partitions);
    defaults.put("spark.databricks.delta.snapshotPartitions", partitions);
    defaults.put(STORE, ROCKSDB);
    defaults.put(JOINS, "3");
    defaults.put(STATE + "rocksdb.changelogCheckpointing.enabled", "true");
    defaults.put(STATE + "rocksdb.trackTotalNumberOfRows", "true");
    defaults.put(STATE + "rocksdb.boundedMemoryUsage", "true");
    defaults.put("spark.sql.shuffle.orderIndependentChecksum.enabled", "true");
    defaults.put("spark.sql.shuffle.orderIndependentChecksum.enableFullRetryOnMismatch", "true");
    // Behind a shuffle that another step shares, Spark leaves the watermark of a step at 1970.
    defaults.put(REUSE, "false");
    defaults.put("spark.sql.session.timeZone", "UTC");
    return defaults;
  }

  /**
   * Sets them on a session, then the job's own, which win.
   *
   * @throws JobFailedException if the job wants something that only a start of Spark can give
   */
  static void apply(SparkSession spark, Map<String, String> own) {
    apply(spark);
    own.forEach((key, value) -> set(spark, key, value));
    if (!spark.conf().get(STORE).equals(ROCKSDB)
        && !own.containsKey(JOINS)
        && !spark.sparkContext().conf().contains(JOINS)) {
      spark.conf().unset(JOINS);
    }
  }

  /**
   * Sets on a session what Spark was not started with, and that no shuffle is used again, which a
   * start may well say for other work.
   */
  public static void apply(SparkSession spark) {
    if (spark.sparkContext().isLocal()) {
      Disk.use(spark.sparkContext().hadoopConfiguration());
    }
    of(spark.sparkContext().defaultParallelism())
        .forEach(
            (key, value) -> {
              if (key.equals(REUSE) || !spark.sparkContext().conf().contains(key)) {
                spark.conf().set(key, value);
              }
            });
  }

  /**
   * Does work with a session as the one of this thread. Libraries ask the thread for it: Delta
   * reads the log of a table with as many tasks as that one says.
   */
  static <T> T within(SparkSession spark, Supplier<T> work) {
    Option<SparkSession> before = SparkSession.getActiveSession();
    SparkSession.setActiveSession(spark);
    try {
      return work.get();
    } finally {
      if (before.isDefined()) {
        SparkSession.setActiveSession(before.get());
      } else {
        SparkSession.clearActiveSession();
      }
    }
  }

  private static void set(SparkSession spark, String key, String value) {
    boolean given = value.equals(spark.sparkContext().conf().get(key, null));
    if (given && !spark.conf().isModifiable(key)) {
      return;
    }
    try {
      spark.conf().set(key, value);
    } catch (Exception e) {
      throw new JobFailedException(
          "Cannot set " + key + " of the job's spark: settings. " + cure(spark, key, e), e);
    }
  }

  private static String cure(SparkSession spark, String key, Exception failure) {
    return spark.conf().isModifiable(key)
        ? JobFailedException.reason(failure)
        : "It is fixed when Spark starts: give it to spark-submit as --conf " + key + "=...";
  }
}
