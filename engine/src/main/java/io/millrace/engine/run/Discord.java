package io.millrace.engine.run;

import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Origin;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongFunction;

/** In what a checkpoint and the ledger of a sink differ. */
enum Discord {
  /** The sink was restored from a copy of before. */
  SINK_BEHIND,
  /** The checkpoint was restored from a copy of before. */
  CHECKPOINT_BEHIND,
  /** One of the two was replaced. */
  OTHER_CHECKPOINT,
  /**
   * Both have the last batch of the sink, with other rows: one is a copy from another run of it.
   */
  OTHER_ROWS,
  /** The sink was replaced by an empty one. */
  LEDGER_LOST;

  /**
   * Judges a sink of a query.
   *
   * @param since the last commit of the checkpoint when the sink joined the query; empty if it
   *     joins now
   * @param offsets where the sources stood at the end of a batch, as far as the checkpoint knows
   * @return empty if the two fit
   */
  static Optional<Discord> of(
      Progress progress,
      UUID queryId,
      Optional<Held> held,
      Optional<Long> since,
      LongFunction<Optional<String>> offsets) {
    boolean nothingYet = nothingYet(progress, since);
    if (held.isEmpty()) {
      return nothingYet ? Optional.empty() : Optional.of(LEDGER_LOST);
    }
    long last = held.get().batch();
    if (!held.get().queryId().equals(queryId)) {
      return last < 0 && nothingYet ? Optional.empty() : Optional.of(OTHER_CHECKPOINT);
    }
    return of(progress, last, since).or(() -> rows(last, held.get().origin(), offsets));
  }

  /**
   * Judges the rows of a sink's last batch.
   *
   * @param origin what the sink has it from, where it knows
   * @param offsets where the sources stood at the end of a batch, as far as the checkpoint knows
   */
  static Optional<Discord> rows(
      long last, Optional<Origin> origin, LongFunction<Optional<String>> offsets) {
    return origin
        .map(Origin::offsets)
        .filter(known -> offsets.apply(last).filter(noted -> !noted.equals(known)).isPresent())
        .map(other -> OTHER_ROWS);
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
