package io.millrace.engine.decode;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EpochTest {
  private static final int TIMES = 100_000;

  private final Random random = new Random(7);

  private static long number(Epoch unit, Instant time) {
    return switch (unit) {
      case MILLIS -> time.toEpochMilli();
      case MICROS -> time.getEpochSecond() * 1_000_000 + time.getNano() / 1_000;
      case NANOS -> time.getEpochSecond() * 1_000_000_000 + time.getNano();
    };
  }

  private static boolean accepts(Epoch unit, long number) {
    return Epoch.coarsest(number).filter(unit::equals).isPresent() && unit.likely(number);
  }

  private Instant any(String from, String until) {
    return Instant.ofEpochSecond(
        random.nextLong(
            Instant.parse(from).getEpochSecond(), Instant.parse(until).getEpochSecond()),
        random.nextInt(1_000_000_000));
  }

  private static boolean between(Instant time, String from, String until) {
    return !time.isBefore(Instant.parse(from)) && time.isBefore(Instant.parse(until));
  }

  @ParameterizedTest
  @EnumSource
  void aLikelyTimeIsTakenInItsOwnUnit(Epoch unit) {
    for (int i = 0; i < TIMES; i++) {
      Instant time = any("1750-01-01T00:00:00Z", "2200-01-01T00:00:00Z");
      boolean told =
          unit == Epoch.MILLIS || !between(time, "1968-01-11T00:00:00Z", "1978-01-12T00:00:00Z");
      if (told) {
        assertThat(accepts(unit, number(unit, time))).as(time.toString()).isTrue();
      }
    }
  }

  /** Nanoseconds since 1970 reach from 1678 to 2262. */
  @ParameterizedTest
  @EnumSource
  void noTimeIsTakenInAnotherUnitButNear1970(Epoch unit) {
    boolean nanos = unit == Epoch.NANOS;
    Duration near = Duration.ofDays(90);
    for (int i = 0; i < TIMES; i++) {
      Instant time =
          any(
              nanos ? "1678-01-01T00:00:00Z" : "0001-01-01T00:00:00Z",
              nanos ? "2262-01-01T00:00:00Z" : "9999-12-31T23:59:59Z");
      boolean last = between(time, "1978-01-11T21:30:00Z", "1978-01-11T21:32:00Z");
      if (Duration.between(Instant.EPOCH, time).abs().compareTo(near) > 0 && !last) {
        for (Epoch other : Epoch.values()) {
          assertThat(other != unit && accepts(other, number(unit, time)))
              .as(time + " in " + unit + " as " + other)
              .isFalse();
        }
      }
    }
  }

  @Test
  void theLastDayIsALikelyTime() {
    for (String clock : new String[] {"00:00:00", "23:59:59.999"}) {
      Instant time = Instant.parse("9999-12-31T" + clock + "Z");
      assertThat(accepts(Epoch.MILLIS, number(Epoch.MILLIS, time))).isTrue();
      assertThat(accepts(Epoch.MICROS, number(Epoch.MICROS, time))).isTrue();
      assertThat(accepts(Epoch.MICROS, number(Epoch.MILLIS, time))).isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aTimeIsCutToMicroseconds(Epoch unit) {
    Instant time = Instant.parse("1969-12-31T23:59:59.123456789Z");
    long micros = unit == Epoch.MILLIS ? -877_000 : -876_544;
    assertThat(unit.micros(number(unit, time))).hasValue(micros);
    assertThat(Epoch.MILLIS.micros(Long.MAX_VALUE)).isEmpty();
    assertThat(Epoch.MILLIS.micros(Long.MIN_VALUE)).isEmpty();
  }
}
