package io.millrace.engine.spi;

import java.io.Serializable;
import java.time.Instant;
import java.util.UUID;

/**
 * A row that a sink left out of a batch, for a fault of the row's own.
 *
 * @param attempt the try of a task that had the row, or that of the driver
 * @param time when it was refused
 * @param rule what it broke, in a word
 * @param reason what it broke, in a sentence
 * @param row its columns as JSON
 */
public record Reject(UUID attempt, Instant time, String rule, String reason, String row)
    implements Serializable {}
