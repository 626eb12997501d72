package io.millrace.engine.run;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/** Spark settings that suit streaming, for every key that nobody set. */
public final class SparkDefaults {
  private static final String STATE = "spark.sql.streaming.stateStore.";

  private SparkDefaults() {}

  /**
   * What a job runs with unless it says otherwise. State partitions and the store are frozen into a
   * checkpoint by its first batch.
   *
   * @param cores of the whole job
   */
  public static Map<String, String> of(int cores) {
    Map<String, String> defaults = new LinkedHashMap<>();
    defaults.put("spark.sql.shuffle.partitions", Integer.toString(Math.max(2, cores)));
    defaults.put(
        STATE + "providerClass",
        "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider");
    defaults.put(STATE + "rocksdb.changelogCheckpointing.enabled", "true");
    defaults.put(STATE + "rocksdb.trackTotalNumberOfRows", "false");
    defaults.put(STATE + "rocksdb.boundedMemoryUsage", "true");
    defaults.put("spark.sql.shuffle.orderIndependentChecksum.enabled", "true");
    defaults.put("spark.sql.shuffle.orderIndependentChecksum.enableFullRetryOnMismatch", "true");
    defaults.put("spark.sql.session.timeZone", "UTC");
    return defaults;
  }

  /** Sets them on a session, then the job's own. */
  static void apply(SparkSession spark, Map<String, String> own) {
    of(spark.sparkContext().defaultParallelism())
        .forEach(
            (key, value) -> {
              if (!spark.sparkContext().conf().contains(key)) {
                spark.conf().set(key, value);
              }
            });
    own.forEach(
        (key, value) -> {
          if (spark.conf().isModifiable(key) || !spark.sparkContext().conf().contains(key)) {
            set(spark, key, value);
          }
        });
  }

  private static void set(SparkSession spark, String key, String value) {
    if (spark.conf().isModifiable(key) || !key.startsWith("spark.sql.")) {
      spark.conf().set(key, value);
    }
  }
}
