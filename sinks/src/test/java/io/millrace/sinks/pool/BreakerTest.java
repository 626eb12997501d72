package io.millrace.sinks.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BreakerTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  private final Breaker breaker = new Breaker("the endpoint", Duration.ofMillis(2));

  private void fail(int times) {
    for (int at = 0; at < times; at++) {
      assertThat(breaker.admits(LONG)).isTrue();
      breaker.failed();
    }
  }

  @Test
  void opensAfterFiveFailuresInARow() {
    fail(4);
    assertThat(breaker.admits(LONG)).isTrue();
    breaker.succeeded();
    fail(4);
    assertThat(breaker.holdsBack()).isFalse();
    fail(1);
    assertThat(breaker.holdsBack()).isTrue();
  }

  @Test
  void letsOneThroughAtATimeUntilOneSucceeds() throws Exception {
    fail(5);
    ExecutorService tasks = Executors.newFixedThreadPool(8);
    AtomicInteger probing = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger calls = new AtomicInteger();
    CountDownLatch over = new CountDownLatch(8);
    try {
      List<Future<Boolean>> all =
          IntStream.range(0, 8)
              .mapToObj(task -> tasks.submit(() -> call(probing, most, calls, over)))
              .toList();
      assertThat(over.await(1, TimeUnit.MINUTES)).isTrue();
      for (Future<Boolean> each : all) {
        assertThat(each.get()).isTrue();
      }
    } finally {
      tasks.shutdownNow();
    }
    assertThat(most).as("at once while it was away").hasValue(1);
    assertThat(breaker.holdsBack()).isFalse();
  }

  /** The system comes back with the sixth call. */
  private boolean call(
      AtomicInteger probing, AtomicInteger most, AtomicInteger calls, CountDownLatch over) {
    while (breaker.admits(LONG)) {
      boolean held = breaker.holdsBack();
      int now = held ? probing.incrementAndGet() : 0;
      most.accumulateAndGet(now, Math::max);
      boolean back = calls.incrementAndGet() > 5;
      if (held) {
        probing.decrementAndGet();
      }
      if (back) {
        breaker.succeeded();
        over.countDown();
        return true;
      }
      breaker.failed();
    }
    return false;
  }

  @Test
  void doesNotWaitLongerThanIsAsked() {
    fail(5);
    assertThat(breaker.admits(LONG)).as("the one that tries").isTrue();

    assertThat(breaker.admits(Duration.ofMillis(5))).isFalse();
    breaker.gaveUp();
    assertThat(breaker.admits(LONG)).as("when that one gave up").isTrue();
  }
}
