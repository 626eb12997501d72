package io.millrace.engine.spi;

import org.apache.spark.sql.SparkSession;

/** A batch sink whose ledger knows which start writes: each start keeps the earlier ones out. */
public interface FencedSink extends BatchSink, Ledgered {
  /** Gets ready on the driver, once per query start. */
  BatchFence start(SparkSession spark, Identity who, Writing how);

  /** Writes one batch in a start of its own. */
  @Override
  default void write(Batch batch) {
    start(batch.rows().sparkSession(), batch.who(), batch.how()).write(batch);
  }
}
