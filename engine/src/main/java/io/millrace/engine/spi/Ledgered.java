package io.millrace.engine.spi;

import java.util.Optional;
import org.apache.spark.sql.SparkSession;

/**
 * A sink that keeps, together with its rows, the number of the last batch that it has. A start
 * compares that with the checkpoint.
 */
public interface Ledgered {
  /**
   * What the sink remembers under the names of {@code who}, whichever checkpoint wrote it; that of
   * the checkpoint of {@code who} first. Reads only. Empty if the sink knows nothing of them.
   */
  Optional<Held> held(SparkSession spark, Identity who);

  /**
   * Makes a sink that remembers something remember this instead: that it has every batch of the
   * checkpoint of {@code who} up to this one, and none after it. The rows stay as they are.
   */
  void adopt(SparkSession spark, Identity who, long batch);
}
