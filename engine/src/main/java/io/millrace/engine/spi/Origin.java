package io.millrace.engine.spi;

import java.util.Optional;

/**
 * What the rows of a batch come from, and what they are: enough to tell whether a batch that comes
 * again is the same one.
 *
 * @param offsets where the sources stood at the end of the batch, as Spark notes it
 * @param plan tells two plans of a job apart
 * @param digest of the rows that came to the sink, whatever their order; doubles count to 12
 *     digits; empty for a sink that reads the rows itself
 */
public record Origin(String offsets, String plan, Optional<Long> digest) {}
