package io.millrace.engine.fold;

import java.util.OptionalLong;

/** Since when a window waits for its next early result, by the times of batches. */
final class EarlyClock {
  private static final long NEVER = Long.MIN_VALUE;

  private final long every;
  private long since = NEVER;
  private boolean told;

  /**
   * A clock that begins with the first batch.
   *
   * @param every how long it waits, in microseconds; 0 if for ever
   */
  EarlyClock(long every) {
    this.every = every;
  }

  /** As it was packed between two batches. */
  void set(long packed) {
    since = packed;
    told = false;
  }

  void clear() {
    set(NEVER);
  }

  long packed() {
    return since;
  }

  /** A result was told by the number of rows: the clock begins anew with this batch. */
  void told() {
    told = true;
  }

  /** All rows of a batch are there. */
  void batch(long time) {
    if (told || since == NEVER) {
      set(time);
    }
  }

  /** When the next result is due, if there are rows for one; empty if never. */
  OptionalLong due() {
    return every > 0 ? OptionalLong.of(since + every) : OptionalLong.empty();
  }

  boolean due(long time) {
    return every > 0 && since + every <= time;
  }

  /** Two windows become one: what one of them has told, it has told. */
  void merge(EarlyClock other) {
    since = Math.max(since, other.since);
    told |= other.told;
  }
}
