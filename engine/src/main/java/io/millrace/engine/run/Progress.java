package io.millrace.engine.run;

/**
 * How far a checkpoint is.
 *
 * @param offsets the last batch that was begun; -1 for none
 * @param commits the last batch that every sink had; -1 for none
 * @param settled the last batch that Spark does not run again; -1 for none. That is not always the
 *     last one that is noted as done: of several whose notes are lost, only the last comes again
 */
record Progress(long offsets, long commits, long settled) {

  Progress(long offsets, long commits) {
    this(offsets, commits, Math.max(commits, offsets - 1));
  }

  /** The same when more batches have been begun meanwhile. */
  Progress begun(long offsets) {
    return new Progress(offsets, commits, settled);
  }
}
