package io.millrace.engine.run;

/**
 * How far a checkpoint is.
 *
 * @param offsets the last batch that was begun; -1 for none
 * @param commits the last batch that every sink had; -1 for none
 */
record Progress(long offsets, long commits) {}
