package io.millrace.tests.bench;

import java.io.Serializable;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The events of a topic, each a function of its number alone, and what every job must make of them.
 */
record Events(long count) {
  static final int PARTITIONS = 4;
  static final int BYTES = 127;
  static final long LEAST_AMOUNT = 100;
  static final long WINDOW_SECONDS = 10;

  private static final long START = Instant.parse("2026-01-01T00:00:01Z").toEpochMilli();
  private static final long AN_HOUR = 3_600_000;
  private static final int KEYS = 100;
  private static final int JITTER_MILLIS = 500;

  /** One event: a click a millisecond, a little out of order. */
  record Event(long id, long key, long millis, long amount) implements Serializable {
    String json() {
      String head =
          String.format(
              Locale.ROOT,
              "{\"id\":%d,\"k\":\"k%03d\",\"t\":\"%s\",\"amount\":%d,\"page\":\"",
              id,
              key,
              time(),
              amount);
      return head + "x".repeat(BYTES - head.length() - 2) + "\"}";
    }

    private String time() {
      return Instant.ofEpochMilli(millis / 1000 * 1000).toString().replace("Z", "")
          + String.format(Locale.ROOT, ".%03dZ", millis % 1000);
    }

    private Tally tally() {
      return Tally.event(id, key, millis, amount);
    }
  }

  /** The numbers after the last event belong to {@link #closing}. */
  Event at(long id) {
    long random = mixed(id);
    return new Event(
        id,
        Long.remainderUnsigned(random, KEYS),
        START + id - Long.remainderUnsigned(random >>> 16, JITTER_MILLIS),
        Long.remainderUnsigned(random >>> 32, 1000));
  }

  /** The last event of a partition: it closes all windows, and every filter refuses it. */
  Event closing(int partition) {
    return new Event(count + partition, 0, START + count + AN_HOUR, 0);
  }

  /** What passes the filter. */
  Tally filtered() {
    Tally tally = Tally.NONE;
    for (long id = 0; id < count; id++) {
      Event event = at(id);
      if (event.amount() >= LEAST_AMOUNT) {
        tally = tally.plus(event.tally());
      }
    }
    return tally;
  }

  /** The closed windows by key. */
  Tally windows() {
    Map<Long, long[]> windows = new HashMap<>();
    for (long id = 0; id < count; id++) {
      Event event = at(id);
      long start = event.millis() / 1000 / WINDOW_SECONDS * WINDOW_SECONDS;
      long[] sums = windows.computeIfAbsent(start * KEYS + event.key(), key -> new long[2]);
      sums[0]++;
      sums[1] += event.amount();
    }
    Tally tally = Tally.NONE;
    for (Map.Entry<Long, long[]> window : windows.entrySet()) {
      long[] sums = window.getValue();
      tally =
          tally.plus(
              Tally.window(window.getKey() / KEYS, window.getKey() % KEYS, sums[0], sums[1]));
    }
    return tally;
  }

  /** The finaliser of SplitMix64. */
  private static long mixed(long id) {
    long z = (id + 1) * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
