package io.millrace.engine.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.catalyst.encoders.ExpressionEncoder;
import org.apache.spark.sql.execution.streaming.state.NoPrefixKeyStateEncoderSpec;
import org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider;
import org.apache.spark.sql.execution.streaming.state.StateStore;
import org.apache.spark.sql.execution.streaming.state.StateStoreConf;
import org.apache.spark.sql.execution.streaming.state.StateStoreId;
import org.apache.spark.sql.execution.streaming.state.StateStoreProvider;
import org.apache.spark.sql.execution.streaming.state.StateStoreProvider$;
import org.apache.spark.sql.execution.streaming.state.StateStoreProviderId;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.Utils;
import scala.Option;
import scala.collection.immutable.Map$;

/** Spark's own store of state, RocksDB, in a folder of its own. */
final class Store implements AutoCloseable {
  /** What Spark makes a store with whose values are all in families of their own. */
  private static final StructType NOTHING = new StructType().add("__dummy__", DataTypes.NullType);

  private final Path folder;
  private final StateStoreProvider provider;
  private long version;

  Store(UUID run, ExpressionEncoder<?> keys) {
    SQLConf conf = new SQLConf();
    conf.setConfString(
        SQLConf.STATE_STORE_PROVIDER_CLASS().key(), RocksDBStateStoreProvider.class.getName());
    try {
      folder = Files.createTempDirectory("millrace-state");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    provider =
        StateStoreProvider$.MODULE$.createAndInit(
            new StateStoreProviderId(StateStoreId.apply(folder.toString(), 0, 0, "default"), run),
            keys.schema(),
            NOTHING,
            new NoPrefixKeyStateEncoderSpec(keys.schema()),
            true,
            new StateStoreConf(conf, Map$.MODULE$.empty()),
            new Configuration(),
            true,
            Option.empty());
  }

  /** State as the last commit left it. */
  StateStore open() {
    return provider.getStore(version, Option.empty());
  }

  void commit(StateStore store) {
    version = store.commit();
  }

  @Override
  public void close() {
    provider.close();
    Utils.deleteRecursively(folder.toFile());
  }
}
