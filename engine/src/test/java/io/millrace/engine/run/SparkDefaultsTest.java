package io.millrace.engine.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SparkDefaultsTest {
  private static final String STATE = "spark.sql.shuffle.partitions";
  private static final String TABLE_LOG = "spark.databricks.delta.snapshotPartitions";

  @Test
  void stateAndTableLogsHaveAPartitionForEachCore() {
    assertThat(SparkDefaults.of(6)).containsEntry(STATE, "6").containsEntry(TABLE_LOG, "6");
  }

  @Test
  void aSingleCoreHasTwoPartitions() {
    assertThat(SparkDefaults.of(1)).containsEntry(STATE, "2").containsEntry(TABLE_LOG, "2");
  }
}
