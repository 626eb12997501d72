package io.millrace.engine.testing;

import org.apache.spark.sql.SparkSession;

/** The one Spark session of a test JVM. */
public final class Sessions {
  private Sessions() {}

  /**
   * A local session with two cores: UTC, two state partitions, RocksDB, Delta. Spark stops it when
   * the JVM exits.
   */
  public static SparkSession spark() {
    return Holder.SPARK;
  }

  private static final class Holder {
    private static final SparkSession SPARK = start();

    private static SparkSession start() {
      SparkSession spark =
          SparkSession.builder()
              .master("local[2]")
              .appName("millrace-test")
              .config("spark.driver.host", "127.0.0.1")
              .config("spark.driver.bindAddress", "127.0.0.1")
              .config("spark.ui.enabled", "false")
              .config("spark.sql.session.timeZone", "UTC")
              .config("spark.sql.shuffle.partitions", "2")
              .config("spark.sql.warehouse.dir", Folders.temporary("warehouse").toString())
              .config(
                  "spark.sql.streaming.stateStore.providerClass",
                  "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider")
              .config(
                  "spark.sql.streaming.stateStore.rocksdb.changelogCheckpointing.enabled", "true")
              .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
              .config(
                  "spark.sql.catalog.spark_catalog",
                  "org.apache.spark.sql.delta.catalog.DeltaCatalog")
              .config("spark.databricks.delta.snapshotPartitions", "2")
              .config("spark.sql.sources.parallelPartitionDiscovery.parallelism", "2")
              .getOrCreate();
      spark.sparkContext().setLogLevel("WARN");
      return spark;
    }
  }
}
