package io.millrace.engine.decode;

import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;

/** What the number of a time counts, since 1970 in UTC. */
public enum Epoch {
  MILLIS(1_000),
  MICROS(1_000_000),
  NANOS(1_000_000_000);

  private static final int NANOS_OF_SECOND = 1_000_000_000;
  private static final int MICROS_OF_SECOND = 1_000_000;
  private static final int NANOS_OF_MICRO = 1_000;

  private static final long FIRST = Instant.parse("0001-01-01T00:00:00Z").getEpochSecond();
  private static final long LAST = Instant.parse("9999-12-31T23:59:59Z").getEpochSecond();
  private static final long LAST_DAY = Instant.parse("9999-12-31T00:00:00Z").getEpochSecond();
  private static final long LIKELY_FROM = Instant.parse("1750-01-01T00:00:00Z").getEpochSecond();
  private static final long LIKELY_UNTIL = Instant.parse("2200-01-01T00:00:00Z").getEpochSecond();

  private final int perSecond;

  Epoch(int perSecond) {
    this.perSecond = perSecond;
  }

  /** When that is. */
  Instant instant(long number) {
    return Instant.ofEpochSecond(seconds(number), nanos(number));
  }

  /** Microseconds since 1970, what is less of one cut off; empty beyond the years 0001 to 9999. */
  OptionalLong micros(long number) {
    long seconds = seconds(number);
    if (seconds < FIRST || seconds > LAST) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(seconds * MICROS_OF_SECOND + nanos(number) / NANOS_OF_MICRO);
  }

  /**
   * The unit in which a number, not 0, is a likely time: one of 1750 to 2200, or of the day
   * 9999-12-31. It is the coarsest such unit, as a finer one makes any time of today one of 1970: so
   * a time within three months of 1970 has none, or another one than its own.
   */
  static Optional<Epoch> likely(long number) {
    return Arrays.stream(values()).filter(unit -> likelySeconds(unit.seconds(number))).findFirst();
  }

  private static boolean likelySeconds(long seconds) {
    return (seconds >= LIKELY_FROM && seconds < LIKELY_UNTIL)
        || (seconds >= LAST_DAY && seconds <= LAST);
  }

  private long seconds(long number) {
    return Math.floorDiv(number, perSecond);
  }

  private long nanos(long number) {
    return Math.floorMod(number, perSecond) * (long) (NANOS_OF_SECOND / perSecond);
  }
}
