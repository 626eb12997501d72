package io.millrace.engine.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.testing.Sessions;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;

class SparkDefaultsTest {
  private static final String STATE = "spark.sql.shuffle.partitions";
  private static final String REUSE = "spark.sql.exchange.reuse";
  private static final String TABLE_LOG = "spark.databricks.delta.snapshotPartitions";

  @Test
  void stateAndTableLogsHaveAPartitionForEachCore() {
    assertThat(SparkDefaults.of(6)).containsEntry(STATE, "6").containsEntry(TABLE_LOG, "6");
  }

  @Test
  void noShuffleIsUsedAgainHoweverSparkWasStarted() {
    SparkSession spark = Sessions.spark().newSession();
    SparkConf started = spark.sparkContext().conf();
    started.set(REUSE, "true");
    try {
      SparkDefaults.apply(spark);
      assertThat(spark.conf().get(REUSE)).isEqualTo("false");
      SparkDefaults.apply(spark, Map.of(REUSE, "true"));
      assertThat(spark.conf().get(REUSE)).as("where a job says so").isEqualTo("true");
    } finally {
      started.remove(REUSE);
    }
  }

  @Test
  void joinsKeepAllInOneStoreWhereTheStoreCan() {
    String joins = "spark.sql.streaming.join.stateFormatVersion";
    String store = "spark.sql.streaming.stateStore.providerClass";
    String heap = "org.apache.spark.sql.execution.streaming.state.HDFSBackedStateStoreProvider";
    SparkSession spark = Sessions.spark().newSession();

    SparkDefaults.apply(spark, Map.of());
    assertThat(spark.conf().get(joins)).isEqualTo("3");
    SparkDefaults.apply(spark, Map.of(store, heap));
    assertThat(spark.conf().get(joins)).isEqualTo("2");
  }

  @Test
  void aSingleCoreHasTwoPartitions() {
    assertThat(SparkDefaults.of(1)).containsEntry(STATE, "2").containsEntry(TABLE_LOG, "2");
  }
}
