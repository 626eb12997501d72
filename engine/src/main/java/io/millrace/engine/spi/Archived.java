package io.millrace.engine.spi;

import java.util.function.Supplier;
import org.apache.spark.sql.SparkSession;

/** A sink that can keep, where its rows are, what the engine knows of a job. */
public interface Archived {
  /**
   * Where that is. Changes nothing.
   *
   * @param spark a session, which may be started by the first who asks
   */
  Archive archive(Supplier<SparkSession> spark);
}
