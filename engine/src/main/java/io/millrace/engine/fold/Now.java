package io.millrace.engine.fold;

/**
 * What time it is, in microseconds.
 *
 * @param batch the time of the batch, which Spark notes with it: when the batch comes again, it is
 *     the same
 * @param watermark how far event time is
 */
public record Now(long batch, long watermark) {}
