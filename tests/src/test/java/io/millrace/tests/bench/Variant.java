package io.millrace.tests.bench;

import java.util.Locale;

/** One side of a comparison: what a child process runs. */
enum Variant {
  DECODE_OURS("decode, Millrace", "nothing is kept"),
  DECODE_PLAIN("decode, plain", "nothing is kept"),
  JDBC_OURS("jdbc, Millrace", "exactly-once: a ledger row in the commit of each batch"),
  JDBC_PLAIN("jdbc, plain", "at-least-once: a batch that comes again is inserted again"),
  JDBC_PLAIN_REWRITTEN("jdbc, plain, reWriteBatchedInserts", "at-least-once, as above"),
  WINDOW_OURS("window, Millrace", "state exactly-once, RocksDB store"),
  WINDOW_PLAIN("window, plain", "state exactly-once, Spark's default store"),
  WINDOW_PLAIN_ROCKSDB("window, plain, RocksDB", "state exactly-once, RocksDB store"),
  FOUR_SINKS(
      "four sinks, Millrace", "jdbc and delta exactly-once, files once, kafka at-least-once"),
  ONE_SINK("PostgreSQL alone, Millrace", "exactly-once"),
  JDBC_UNCOUNTED("jdbc, Millrace, uncounted", "exactly-once, with no account of the rows"),
  WINDOW_UNCOUNTED("window, Millrace, uncounted", "as counted, with no account of the rows"),
  LEDGER_JDBC("jdbc, 10,000 rows a batch", "exactly-once: a ledger row in each commit"),
  LEDGERLESS_JDBC("the same, no ledger", "at-least-once: as many commits, nothing remembered"),
  LEDGER_DELTA("delta, 10,000 rows a batch", "exactly-once: the batch's number in each commit"),
  LEDGERLESS_DELTA("the same, no number", "at-least-once: Spark's own append, as many commits"),
  LEDGER_KAFKA("kafka, 10,000 rows a batch", "exactly-once: a mark in each transaction"),
  LEDGERLESS_KAFKA(
      "the same, no mark", "at-least-once: as many transactions, of one producer that stays open"),
  LOOSE_KAFKA("the same, no transaction", "at-least-once: records as they come"),
  LADDER_DRIVER("dstream, driver", "at-least-once: all rows through one connection of the driver"),
  LADDER_RECORD("dstream, per record", "at-least-once: a connection for each row"),
  LADDER_PARTITION("dstream, per partition", "at-least-once: a connection for each task"),
  LADDER_POOL("dstream, pool", "at-least-once: tasks borrow connections that stay open"),
  SCORE_FOREST_OURS("100 trees, Millrace", "nothing is kept; the version of a batch is noted"),
  SCORE_FOREST_PLAIN("100 trees, transform in foreachBatch", "nothing is kept"),
  SCORE_LINEAR_OURS("logistic regression, Millrace", "as with trees"),
  SCORE_LINEAR_PLAIN("logistic regression, transform in foreachBatch", "nothing is kept"),
  MADE_FOREST_OURS("100 trees alone, Millrace", "as with Kafka"),
  MADE_FOREST_PLAIN("100 trees alone, transform in foreachBatch", "nothing is kept"),
  MADE_LINEAR_OURS("logistic regression alone, Millrace", "as with Kafka"),
  MADE_LINEAR_PLAIN("logistic regression alone, transform in foreachBatch", "nothing is kept"),
  SCORE_ROW_OURS("one row a batch, Millrace", "as with trees"),
  SCORE_ROW_PLAIN("one row, transform in foreachBatch", "nothing is kept"),
  SCORE_ROW_BARE("one row, Millrace, not scored", "nothing is kept"),
  LATENCY_REALTIME("real time, Millrace", "at-least-once, offsets are noted every 20 s"),
  LATENCY_BATCHES("batches, Millrace", "at-least-once"),
  LATENCY_PLAIN("batches, transform in foreachBatch", "at-least-once");

  private final String label;
  private final String guarantee;

  Variant(String label, String guarantee) {
    this.label = label;
    this.guarantee = guarantee;
  }

  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether it has batches of about 10,000 rows; else a few large ones. */
  boolean small() {
    return name().contains("LEDGER") || this == LOOSE_KAFKA;
  }

  /** Whether it writes to a topic of its own. */
  boolean topic() {
    return this == FOUR_SINKS || name().endsWith("KAFKA") || live();
  }

  /** Whether its events come at a fixed rate while it runs. */
  boolean live() {
    return name().startsWith("LATENCY");
  }

  /** Whether its events are made where they are read, in one batch. */
  boolean made() {
    return name().startsWith("MADE");
  }

  /** Whether it has batches of one row. */
  boolean single() {
    return name().startsWith("SCORE_ROW");
  }

  /** Whether it scores, and so needs a model. */
  boolean scores() {
    return name().startsWith("SCORE") || made() || live();
  }

  String label() {
    return label;
  }

  /** What holds when the job is killed and starts again. */
  String guarantee() {
    return guarantee;
  }
}
