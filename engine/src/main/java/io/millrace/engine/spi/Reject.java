package io.millrace.engine.spi;

import java.io.Serializable;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A row that a sink left out of a batch, for a fault of the row's own.
 *
 * @param attempt the try of a task that had the row, or that of the driver
 * @param time when it was refused
 * @param rule what it broke, in a word
 * @param reason what it broke, in a sentence
 * @param row its columns as JSON
 * @param place of the row among those of its task, as {@link Places} counts; means something until
 *     the batch is committed
 * @param from the record that the row came from; null where it is not known, or there is not one
 */
public record Reject(
    UUID attempt,
    Instant time,
    String rule,
    String reason,
    String row,
    long place,
    @Nullable SourceRecord from)
    implements Serializable {

  /** A row of which only its place is known. */
  public Reject(UUID attempt, Instant time, String rule, String reason, String row, long place) {
    this(attempt, time, rule, reason, row, place, null);
  }

  /** The same row, and the record that it came from. */
  public Reject cameFrom(@Nullable SourceRecord found) {
    return new Reject(attempt, time, rule, reason, row, place, found);
  }
}
