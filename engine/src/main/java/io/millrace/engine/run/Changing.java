package io.millrace.engine.run;

import io.millrace.engine.spi.PartState;
import io.millrace.engine.spi.TableState;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
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

  /**
   * Behind a batch that every sink has. It is told what the batch saw also where a step stops the
   * job for it.
   */
  void end(long batch, BiConsumer<Map<String, TableState>, Map<String, PartState>> telling) {
    try {
      renewals.done(batch);
    } finally {
      telling.accept(tables.states(), renewals.states());
    }
  }

  @Override
  public void close() {
    Closing.all(List.of(tables, renewals));
  }
}
