package io.millrace.engine.run;

import java.util.List;
import org.apache.spark.sql.SparkSession;

/** What of a query may change from batch to batch: its static tables, and parts of its steps. */
record Changing(Tables tables, Renewals renewals) implements AutoCloseable {

  /** That of a query that goes on with its checkpoint. */
  static Changing of(SparkSession spark, String checkpoint) {
    return new Changing(Tables.of(spark, checkpoint), Renewals.of(spark, checkpoint));
  }

  /** That of a query in real time, where rows of a batch that comes again may see newer parts. */
  static Changing inRealTime(SparkSession spark, String checkpoint) {
    return new Changing(Tables.of(spark, checkpoint), Renewals.unnoted());
  }

  /**
   * Tables of which the columns are of interest only, and steps of whose batches none comes again.
   */
  static Changing unnoted() {
    return new Changing(Tables.unread(), Renewals.unnoted());
  }

  /** Lets batches see it. Those up to {@code begun} come again. */
  void start(long begun) {
    tables.start(begun);
    renewals.start(begun);
  }

  @Override
  public void close() {
    Closing.all(List.of(tables, renewals));
  }
}
