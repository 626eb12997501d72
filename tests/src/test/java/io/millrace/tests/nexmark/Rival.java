package io.millrace.tests.nexmark;

import java.util.Map;

/**
 * What a query is run against: the same one by hand, on plain Spark.
 *
 * @param pairs how often; 0 where nothing is compared
 * @param store where it keeps its state
 */
record Rival(int pairs, Store store) {
  static final Rival NONE = new Rival(0, Store.HEAP);

  private static final String STATE = "spark.sql.streaming.stateStore.";
  private static final String PROVIDER = STATE + "providerClass";
  private static final String JOINS = "spark.sql.streaming.join.stateFormatVersion";
  private static final String STORES = "org.apache.spark.sql.execution.streaming.state.";

  /** The state stores of Spark. */
  enum Store {
    /** Spark's default: all state on the heap. */
    HEAP,
    /** State on disk, its changes in the checkpoint: as job files have it. */
    ROCKSDB;

    /** What one sets for it. */
    Map<String, String> settings() {
      return switch (this) {
        case HEAP -> Map.of(PROVIDER, STORES + "HDFSBackedStateStoreProvider", JOINS, "2");
        case ROCKSDB ->
            Map.of(
                JOINS,
                "2",
                PROVIDER,
                STORES + "RocksDBStateStoreProvider",
                STATE + "rocksdb.changelogCheckpointing.enabled",
                "true",
                STATE + "rocksdb.boundedMemoryUsage",
                "true");
      };
    }
  }
}
