package io.millrace.engine.decode;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EpochTest {
  private static final Instant EPOCH = Instant.EPOCH;

  private static long number(Epoch unit, Instant time) {
    return switch (unit) {
      case MILLIS -> time.toEpochMilli();
      case MICROS -> time.getEpochSecond() * 1_000_000 + time.getNano() / 1_000;
      case NANOS -> time.getEpochSecond() * 1_000_000_000 + time.getNano();
    };
  }

  /** No time of 1750 to 2200 is taken for another one, but near 1970. */
  @ParameterizedTest
  @EnumSource
  void theUnitOfALikelyTimeIsKnown(Epoch unit) {
    Random random = new Random(7);
    long from = Instant.parse("1750-01-01T00:00:00Z").getEpochSecond();
    long until = Instant.parse("2200-01-01T00:00:00Z").getEpochSecond();
    for (int i = 0; i < 100_000; i++) {
      Instant time =
          Instant.ofEpochSecond(random.nextLong(from, until), random.nextInt(1_000_000_000));
      boolean near =
          time.isAfter(EPOCH.minusSeconds(90 * 86_400))
              && time.isBefore(EPOCH.plusSeconds(90 * 86_400));
      boolean day = unit != Epoch.MILLIS && time.toString().startsWith("1978-01-11T21:3");
      if (!near && !day) {
        assertThat(Epoch.likely(number(unit, time))).as(time.toString()).contains(unit);
      }
    }
    for (String clock : new String[] {"00:00:00", "23:59:59.999"}) {
      Instant last = Instant.parse("9999-12-31T" + clock + "Z");
      if (unit != Epoch.NANOS) {
        assertThat(Epoch.likely(number(unit, last))).contains(unit);
      }
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
