package io.millrace.tests.torture;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;

/**
 * The records of a topic, each a function of the seed and its number alone: most are sound; some
 * are out of order, hopelessly late, repeated or broken.
 */
record Workload(long seed) {
  static final int PARTITIONS = 2;

  /** Until a batch with these has moved the watermark, no record is hopelessly late. */
  static final long FIRST = 200;

  /** How far behind its number's time a record may be that is still in time. */
  static final Duration JITTER = Duration.ofMinutes(30);

  /** Before this time, a record is hopelessly late. */
  static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private static final Duration DAY = Duration.ofDays(1);
  private static final int KEYS = 20;
  private static final int REPEAT_WITHIN = 400;
  private static final long LONG_AGO = Duration.ofDays(365).toSeconds();

  /** The values of the records from one number up to another, in the order they are sent in. */
  List<String> values(long from, long to) {
    return LongStream.range(from, to).mapToObj(this::value).toList();
  }

  /** A record behind all others, which closes their windows. */
  static String closing(long records, int partition) {
    return event(records + partition, "closing", START.plusSeconds(records).plus(DAY), 1);
  }

  private String value(long number) {
    long random = mixed(number);
    boolean repeated = number > REPEAT_WITHIN && Long.remainderUnsigned(random, 100) < 5;
    return repeated
        ? once(number - 1 - Long.remainderUnsigned(random >>> 8, REPEAT_WITHIN))
        : once(number);
  }

  private String once(long number) {
    long random = mixed(-1 - number);
    String key = "k" + Long.remainderUnsigned(random >>> 8, KEYS);
    long amount = 1 + Long.remainderUnsigned(random >>> 16, 1000);
    Instant time = START.plus(JITTER).plusSeconds(number);
    return switch ((int) Long.remainderUnsigned(random, 100)) {
      case 0, 1 -> "broken " + number;
      case 2 -> event(number, key, time, amount).replaceFirst("\\{\"id\":\\d+,", "{");
      case 3 -> event(number, key, time, -amount);
      case 4 -> event(number, key, time, amount).replace(":" + amount + "}", ":\"many\"}");
      case 5 -> event(number, key, time, amount).substring(0, 20);
      case 6, 7, 8 ->
          event(
              number,
              key,
              number < FIRST ? time : time.minusSeconds(LONG_AGO + JITTER.toSeconds()),
              amount);
      case 9, 10, 11, 12, 13, 14, 15, 16, 17, 18 ->
          event(
              number,
              key,
              time.minusSeconds(Long.remainderUnsigned(random >>> 32, JITTER.toSeconds())),
              amount);
      default -> event(number, key, time, amount);
    };
  }

  private static String event(long id, String key, Instant time, long amount) {
    return String.format(
        Locale.ROOT, "{\"id\":%d,\"k\":\"%s\",\"t\":\"%s\",\"amount\":%d}", id, key, time, amount);
  }

  /** The finaliser of SplitMix64, over seed and number. */
  private long mixed(long number) {
    long z = seed * 0x9E3779B97F4A7C15L + (number + 1) * 0xD1B54A32D192ED03L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
