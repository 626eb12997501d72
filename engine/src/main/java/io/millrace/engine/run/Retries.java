package io.millrace.engine.run;

import io.millrace.engine.spi.Durations;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits between the tries of one batch while a sink's system is away: longer and longer, by chance
 * a bit less, as long as the sink wants in all.
 */
final class Retries {
  private static final Logger LOG = LoggerFactory.getLogger(Retries.class);
  private static final Duration FIRST = Duration.ofMillis(250);
  private static final Duration LONGEST = Duration.ofSeconds(15);
  private static final Duration LOOK = Duration.ofMillis(100);

  private final String query;
  private final long batch;
  private final BooleanSupplier stopping;
  private Duration next = FIRST;
  private long begun;
  private int tries;

  Retries(String query, long batch, BooleanSupplier stopping) {
    this.query = query;
    this.batch = batch;
    this.stopping = stopping;
  }

  /**
   * Waits until the batch may be tried again.
   *
   * @param patience for how long it may be tried in all
   * @return whether it may; not where the time is over or the job is to stop
   */
  boolean again(String sink, Throwable failure, Duration patience) throws InterruptedException {
    if (tries == 0) {
      begun = System.nanoTime();
      LOG.warn(
          "Query {}, batch {}: sink {}: {}. The batch is tried again for up to {}",
          query,
          batch,
          sink,
          JobFailedException.why(failure),
          Durations.text(patience));
    }
    tries++;
    long left = patience.toNanos() - (System.nanoTime() - begun);
    if (left <= 0) {
      return false;
    }
    long wait = ThreadLocalRandom.current().nextLong(next.toNanos() / 2, next.toNanos());
    next = next.multipliedBy(2).compareTo(LONGEST) < 0 ? next.multipliedBy(2) : LONGEST;
    return pause(Math.min(wait, left));
  }

  private boolean pause(long nanos) throws InterruptedException {
    long end = System.nanoTime() + nanos;
    long left = nanos;
    while (left > 0 && !stopping.getAsBoolean()) {
      Thread.sleep(Duration.ofNanos(Math.min(left, LOOK.toNanos())).toMillis() + 1);
      left = end - System.nanoTime();
    }
    return !stopping.getAsBoolean();
  }

  /** The failure that ends the tries. */
  RuntimeException over(String sink, Throwable failure) {
    return new SinkFailedException(
        sink,
        new IllegalStateException(
            "%s. It was tried %d times in %s"
                .formatted(JobFailedException.why(failure), tries, took()),
            failure));
  }

  /** Tells that it went on, if it had to be tried again. */
  void done() {
    if (tries > 0) {
      LOG.info(
          "Query {}, batch {}: delivered after {} more tries, {}", query, batch, tries, took());
    }
  }

  private String took() {
    return Durations.text(
        Duration.ofSeconds(Duration.ofNanos(System.nanoTime() - begun).toSeconds()));
  }
}
