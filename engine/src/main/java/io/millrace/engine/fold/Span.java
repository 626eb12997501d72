package io.millrace.engine.fold;

import java.io.Serializable;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/** A length of time in microseconds, or for ever. */
public record Span(long micros) implements Serializable {
  private static final long EVER = -1;

  /** A length of time; none is for ever. */
  public static Span of(Optional<Duration> duration) {
    return new Span(
        duration
            .map(some -> some.toSeconds() * 1_000_000L + some.toNanosPart() / 1_000)
            .orElse(EVER));
  }

  OptionalLong after(long time) {
    return micros == EVER ? OptionalLong.empty() : OptionalLong.of(time + micros);
  }
}
