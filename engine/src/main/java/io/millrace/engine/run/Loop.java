package io.millrace.engine.run;

import org.apache.spark.sql.streaming.StreamingQuery;

/** What the driver does for the sinks of a query that runs. */
sealed interface Loop extends AutoCloseable permits BatchLoop, RealTimeLoop {
  /** The query's name. */
  String name();

  /**
   * Waits until the running batch is written and noted as done, so that no start writes it again;
   * no other begins.
   *
   * @param end by {@link System#nanoTime()}, when it gives up
   */
  void drain(StreamingQuery running, long end) throws InterruptedException;

  @Override
  void close();
}
