package io.millrace.tests.simulation;

/** What is wrong on purpose. */
public enum Bug {
  NONE,
  /** M1: rows are committed first, their number in a transaction of its own after them. */
  LEDGER_APART,
  /** M2: each task commits its rows itself, under the number of batch and partition. */
  PARTITION_AS_KEY,
  /** M3: a commit does not ask whether a later start has taken over. */
  NO_EPOCH,
  /** M4: the last mark is read before the transaction of another producer is ended. */
  MARK_BEFORE_INIT,
  /** M5: a batch that comes again is written again. */
  IGNORES_THE_BATCH,
  /** M6: a stage that a crash of the database empties, and nobody counts. */
  UNLOGGED_STAGE,
  /** M7: a commit that failed is tried again, without the rows. */
  RETRY_WITHOUT_ROWS,
  /** M8: a start refuses only a checkpoint that went back, not a sink that did. */
  ONE_SIDED_CHECK,
  /** M9: a batch is called done before its sinks have it. */
  DONE_BEFORE_THE_SINKS,
  /** A commit whose answer is lost counts as one that failed, and is written again. */
  GUESSES_THE_OUTCOME,
  /** A running job does not see that the database was restored. */
  FORGETS_WHAT_IT_WROTE
}
