package io.millrace.engine.spi;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * What a sink remembers of a job: the row of its ledger.
 *
 * @param queryId the id of the checkpoint whose batches it has
 * @param epoch how often a writer has started; 0 where the sink counts none
 * @param batch the last batch that is visible; -1 if there is none
 * @param rows of that batch, where the sink knows
 * @param at when it became visible, where the sink knows
 * @param origin what that batch came from, where the sink knows
 */
public record Held(
    UUID queryId,
    long epoch,
    long batch,
    Optional<Long> rows,
    Optional<Instant> at,
    Optional<Origin> origin) {

  /** What a sink remembers that keeps no origins. */
  public Held(UUID queryId, long epoch, long batch, Optional<Long> rows, Optional<Instant> at) {
    this(queryId, epoch, batch, rows, at, Optional.empty());
  }
}
