package io.millrace.sinks.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LookupCacheTest {
  private static final List<Object> ADA = List.of("ada");
  private static final List<Object> ZOE = List.of("zoe");
  private static final List<Object[]> ROWS = List.<Object[]>of(new Object[] {"uk"});

  private static LookupCache cache(int rows, Duration missing) {
    return new LookupCache(new LookupJdbcStep.Cache(rows, Duration.ofSeconds(10), missing));
  }

  private static long after(long seconds) {
    return Duration.ofSeconds(seconds).toNanos();
  }

  @Test
  void anAnswerHoldsForItsTimeAndNoAnswerForAShorterOne() {
    LookupCache cache = cache(10, Duration.ofSeconds(2));
    cache.keep(List.of(ADA, ZOE), Map.of(ADA, ROWS), 0);

    assertThat(cache.known(List.of(ADA, ZOE), after(1)))
        .containsEntry(ADA, ROWS)
        .containsEntry(ZOE, List.of());
    assertThat(cache.known(List.of(ADA, ZOE), after(2))).containsOnlyKeys(ADA);
    assertThat(cache.known(List.of(ADA), after(10))).isEmpty();
  }

  @Test
  void noAnswerIsNotRememberedWithoutATimeForIt() {
    LookupCache cache = cache(10, Duration.ZERO);
    cache.keep(List.of(ZOE), Map.of(), 0);

    assertThat(cache.known(List.of(ZOE), 0)).isEmpty();
  }

  @Test
  void theKeyThatNobodyAskedForLongestGoesFirst() {
    LookupCache cache = cache(2, Duration.ZERO);
    cache.keep(List.of(ADA, ZOE), Map.of(ADA, ROWS, ZOE, ROWS), 0);
    cache.known(List.of(ADA), 1);
    cache.keep(List.of(List.of("max")), Map.of(List.of("max"), ROWS), 2);

    assertThat(cache.known(List.of(ADA, ZOE, List.of("max")), 3))
        .containsOnlyKeys(ADA, List.of("max"));
  }
}
