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
    return possible(number)
        ? OptionalLong.of(seconds(number) * MICROS_OF_SECOND + nanos(number) / NANOS_OF_MICRO)
        : OptionalLong.empty();
  }

  /**
   * The coarsest unit in which a number is a time of the years 0001 to 9999. In a finer one it is a
   * time of 1968 to 1978, which is told from others by a schema alone.
   */
  static Optional<Epoch> coarsest(long number) {
    return Arrays.stream(values()).filter(unit -> unit.possible(number)).findFirst();
  }

  /** Whether that is a time of 1750 to 2200, or of the day 9999-12-31. */
  boolean likely(long number) {
    long seconds = seconds(number);
    return (seconds >= LIKELY_FROM && seconds < LIKELY_UNTIL)
        || (seconds >= LAST_DAY && seconds <= LAST);
  }

  private boolean possible(long number) {
    long seconds = seconds(number);
    return seconds >= FIRST && seconds <= LAST;
  }

  private long seconds(long number) {
    return Math.floorDiv(number, perSecond);
  }

  private long nanos(long number) {
    return Math.floorMod(number, perSecond) * (long) (NANOS_OF_SECOND / perSecond);
  }
}
