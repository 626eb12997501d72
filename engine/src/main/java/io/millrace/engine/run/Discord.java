package io.millrace.engine.run;

import io.millrace.engine.spi.Held;
import java.util.Optional;
import java.util.UUID;

/** In what a checkpoint and the ledger of a sink differ. */
enum Discord {
  /** The sink was restored from a copy of before. */
  SINK_BEHIND,
  /** The checkpoint was restored from a copy of before. */
  CHECKPOINT_BEHIND,
  /** One of the two was replaced. */
  OTHER_CHECKPOINT,
  /** The sink was replaced by an empty one. */
  LEDGER_LOST;

  /**
   * Judges a sink of a query.
   *
   * @param since the last commit of the checkpoint when the sink joined the query; empty if it
   *     joins now
   * @return empty if the two fit
   */
  static Optional<Discord> of(
      Progress progress, UUID queryId, Optional<Held> held, Optional<Long> since) {
    boolean nothingYet = nothingYet(progress, since);
    if (held.isEmpty()) {
      return nothingYet ? Optional.empty() : Optional.of(LEDGER_LOST);
    }
    long last = held.get().batch();
    if (!held.get().queryId().equals(queryId)) {
      return last < 0 && nothingYet ? Optional.empty() : Optional.of(OTHER_CHECKPOINT);
    }
    return of(progress, last, since);
  }

  /**
   * Judges a sink of a query whose batches are those of the checkpoint.
   *
   * @param last its last batch; -1 for none
   */
  static Optional<Discord> of(Progress progress, long last, Optional<Long> since) {
    if (last > progress.offsets()) {
      return Optional.of(CHECKPOINT_BEHIND);
    }
    if (last < progress.settled()) {
      return last < 0 && nothingYet(progress, since) ? Optional.empty() : Optional.of(SINK_BEHIND);
    }
    return Optional.empty();
  }

  private static boolean nothingYet(Progress progress, Optional<Long> since) {
    return since.map(joined -> joined >= progress.settled()).orElse(true);
  }
}
