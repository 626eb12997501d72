package io.millrace.jobs.demo;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * Makes impressions and clicks from a seed, and some that are repeated, late or broken. Event time
 * moves on by the same amount with every event, whatever the clock on the wall says.
 *
 * <p>Which events are late does not depend on how they meet in batches: a late one lies before a
 * watermark that has passed already, and every other one is at most {@link #DISORDER} behind the
 * latest, which is less than the delay of the job's watermark.
 */
public final class Generator {
  /** How long the job's watermark waits. */
  public static final Duration DELAY = Duration.ofMinutes(1);

  /** How far an event may lie behind the latest one of those before. */
  static final Duration DISORDER = Duration.ofSeconds(40);

  private static final Duration FAR = Duration.ofDays(1);
  private static final int ADS = 20;
  private static final int REMEMBERED = 64;

  private final Random random;
  private final long between;
  private final Map<Topic, Integer> made = new EnumMap<>(Topic.class);
  private final Deque<Event> recent = new ArrayDeque<>();
  private long micros;
  private int owed;

  /**
   * A generator of its own stream.
   *
   * @param start the time of the first event
   * @param between how far two events lie apart
   */
  public Generator(long seed, Instant start, Duration between) {
    this.random = new Random(seed);
    this.micros = ChronoUnit.MICROS.between(Instant.EPOCH, start);
    this.between = between.toNanos() / 1_000;
  }

  /**
   * The next events, which are to be visible to readers before more are made.
   *
   * @param closed a watermark that every batch has passed which can still read them; late events
   *     wait until there is one
   */
  public List<Event> next(int count, Optional<Instant> closed) {
    if (count > 1 && between * count > micros(DELAY.minus(DISORDER).dividedBy(2))) {
      throw new IllegalArgumentException(
          "Cannot make " + count + " events at once: the first would be too old at the end");
    }
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      micros += between;
      Sort sort = sort();
      if (sort == Sort.LATE) {
        owed++;
      } else {
        events.add(sort == Sort.REPEATED ? repeated() : fresh(sort, disordered()));
      }
    }
    closed.ifPresent(time -> events.addAll(late(time)));
    return events;
  }

  /** The late events that have waited for a watermark. */
  public List<Event> late(Instant closed) {
    Instant end = closed.truncatedTo(ChronoUnit.MINUTES);
    List<Event> events = new ArrayList<>();
    while (owed > 0) {
      owed--;
      events.add(fresh(Sort.LATE, end.minusMillis(1L + random.nextInt(60_000))));
    }
    return events;
  }

  /**
   * One event for each topic, so far in the future that all windows before close. What is made
   * later is later than these.
   */
  public List<Event> closing() {
    micros += micros(FAR);
    recent.clear();
    List<Event> events = new ArrayList<>();
    for (Topic topic : Topic.values()) {
      events.add(made(topic, Sort.CLOSING, "closing", now()));
    }
    return events;
  }

  /** Clicks of the past, one JSON object each, that say whether they were fraud. */
  public static List<String> history(long seed, Instant end, int count) {
    Random random = new Random(seed);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Behaviour how = Behaviour.of(random);
      lines.add(
          String.format(
              Locale.ROOT,
              "{\"click_id\":\"h-%07d\",\"clicked_at\":\"%s\",%s,\"is_fraud\":%b}",
              i,
              end.minusSeconds(count - i),
              fields(how, how.dwell()),
              how.fraud()));
    }
    return lines;
  }

  private Sort sort() {
    int roll = random.nextInt(1000);
    if (roll < 10) {
      return Sort.LATE;
    }
    if (roll < 30) {
      return Sort.REPEATED;
    }
    Sort[] broken = {Sort.NOT_JSON, Sort.WRONG_TYPE, Sort.MISSING_FIELD, Sort.BROKEN_RULE};
    return roll < 50 ? broken[(roll - 30) / 5] : Sort.GOOD;
  }

  private Instant now() {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS).truncatedTo(ChronoUnit.MILLIS);
  }

  private Instant disordered() {
    return now().minusMillis(random.nextInt((int) DISORDER.toMillis()));
  }

  /** A copy of an event that is not too old yet; a new one if there is none. */
  private Event repeated() {
    Instant oldest = now().minus(DISORDER);
    recent.removeIf(event -> event.at().isBefore(oldest));
    if (recent.isEmpty()) {
      return fresh(Sort.GOOD, disordered());
    }
    Event first = recent.removeFirst();
    return first.as(Sort.REPEATED);
  }

  private Event fresh(Sort sort, Instant at) {
    Topic topic = random.nextInt(10) < 7 ? Topic.IMPRESSIONS : Topic.CLICKS;
    Event event = made(topic, sort, "ad-" + (10 + random.nextInt(ADS)), at);
    if (sort == Sort.GOOD) {
      recent.addLast(event);
      if (recent.size() > REMEMBERED) {
        recent.removeFirst();
      }
    }
    return event;
  }

  private Event made(Topic topic, Sort sort, String ad, Instant at) {
    int number = made.merge(topic, 1, Integer::sum) - 1;
    return topic == Topic.IMPRESSIONS
        ? impression(number, sort, ad, at)
        : click(number, sort, ad, at);
  }

  private Event impression(int number, Sort sort, String ad, Instant at) {
    long cents = 1L + random.nextInt(500);
    long price = sort == Sort.BROKEN_RULE ? -cents : cents;
    String amount = (price < 0 ? "-" : "") + cents / 100 + "." + cents / 10 % 10 + cents % 10;
    String fields =
        "\"price\":" + (sort == Sort.WRONG_TYPE ? "\"cheap\"" : amount) + ",\"shown_at\":\"";
    String payload = payload("impression_id", Topic.IMPRESSIONS, number, sort, ad, fields, at);
    return new Event(Topic.IMPRESSIONS, sort, number, ad, at, cents, false, payload);
  }

  private Event click(int number, Sort sort, String ad, Instant at) {
    Behaviour how = Behaviour.of(random);
    int dwell = sort == Sort.BROKEN_RULE ? -how.dwell() : how.dwell();
    String fields = fields(how, dwell);
    if (sort == Sort.WRONG_TYPE) {
      fields = fields.replace("\"dwell_ms\":" + dwell, "\"dwell_ms\":\"soon\"");
    }
    String payload =
        payload("click_id", Topic.CLICKS, number, sort, ad, fields + ",\"clicked_at\":\"", at);
    return new Event(Topic.CLICKS, sort, number, ad, at, 0, how.fraud(), payload);
  }

  private static String fields(Behaviour how, int dwell) {
    return String.format(
        Locale.ROOT,
        "\"device\":\"%s\",\"dwell_ms\":%d,\"pointer_moves\":%d",
        how.device(),
        dwell,
        how.moves());
  }

  private String payload(
      String key, Topic topic, int number, Sort sort, String ad, String fields, Instant at) {
    String id = sort == Sort.MISSING_FIELD ? "" : "\"" + key + "\":\"" + topic.id(number) + "\",";
    String whole =
        "{%s\"ad_id\":\"%s\",\"user_id\":%d,%s%s\"}"
            .formatted(id, ad, random.nextInt(10_000), fields, at);
    return sort == Sort.NOT_JSON ? whole.substring(0, whole.length() / 2) : whole;
  }

  private static long micros(Duration duration) {
    return duration.toNanos() / 1_000;
  }
}
