package io.millrace.sinks.pool;

import io.millrace.engine.spi.Durations;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Spares a system that is down the calls of every task and sink of a JVM. After a few failures in a
 * row it lets one call through at a time, ever less often, until one succeeds; the others wait.
 */
public final class Breaker {
  private static final Logger LOG = LoggerFactory.getLogger(Breaker.class);
  private static final int FAILURES = 5;
  private static final Duration LONGEST = Duration.ofSeconds(5);

  private final String place;
  private final Duration first;
  private int failures;
  private boolean open;
  private boolean probing;
  private Duration pause;
  private long since;
  private long next;

  /** A breaker for a system that is well so far. */
  public Breaker(String place) {
    this(place, Duration.ofMillis(200));
  }

  Breaker(String place, Duration first) {
    this.place = place;
    this.first = first;
    this.pause = first;
  }

  /**
   * Waits until a call may be made, which then ends in {@link #succeeded}, {@link #failed} or
   * {@link #gaveUp}.
   *
   * @param patience for how long
   * @return whether it may
   */
  public synchronized boolean admits(Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    while (open && (probing || System.nanoTime() < next)) {
      long now = System.nanoTime();
      long wait = probing ? end - now : Math.min(next, end) - now;
      if (end - now <= 0) {
        return false;
      }
      pause(wait);
    }
    probing = open;
    return true;
  }

  private void pause(long nanos) {
    try {
      TimeUnit.NANOSECONDS.timedWait(this, Math.max(nanos, 1_000_000));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while waiting for " + place, e);
    }
  }

  /** The system is there. */
  public synchronized void succeeded() {
    if (open) {
      LOG.info(
          "{} is there again after {}: calls are no longer held back",
          place,
          Durations.text(Duration.ofSeconds((System.nanoTime() - since) / 1_000_000_000)));
    }
    open = false;
    probing = false;
    failures = 0;
    pause = first;
    notifyAll();
  }

  /** The system is away, or refuses all calls for now. */
  public synchronized void failed() {
    failures++;
    if (!open && failures < FAILURES) {
      return;
    }
    if (!open) {
      open = true;
      since = System.nanoTime();
      LOG.warn("{} failed {} times in a row: calls are held back but for one", place, failures);
    } else if (!probing) {
      // A call of before it opened says nothing new.
      return;
    }
    probing = false;
    long longest = pause.toNanos();
    next = System.nanoTime() + ThreadLocalRandom.current().nextLong(longest / 2, longest);
    pause = pause.multipliedBy(2).compareTo(LONGEST) < 0 ? pause.multipliedBy(2) : LONGEST;
    notifyAll();
  }

  /** A call ended without telling anything of the system. */
  public synchronized void gaveUp() {
    probing = false;
    notifyAll();
  }

  /** Whether calls are held back. */
  public synchronized boolean holdsBack() {
    return open;
  }
}
