package io.millrace.jobs.demo;

import java.time.temporal.ChronoUnit;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/** What was made and sent, counted one by one. */
public final class Truth {
  private final Map<Made, Long> made = new HashMap<>();
  private final Map<Minute, Totals> minutes = new HashMap<>();
  private final BitSet fraud = new BitSet();

  private record Made(Topic topic, Sort sort) {}

  /** Counts an event that was sent. */
  public void add(Event event) {
    made.merge(new Made(event.topic(), event.sort()), 1L, Long::sum);
    if (event.sort() == Sort.GOOD) {
      Minute minute = new Minute(event.ad(), event.at().truncatedTo(ChronoUnit.MINUTES));
      minutes.merge(minute, Totals.of(event), Totals::plus);
    }
    if (event.topic() == Topic.CLICKS && event.sort().valid() && event.fraud()) {
      fraud.set(event.number());
    }
  }

  public long made(Topic topic, Sort sort) {
    return made.getOrDefault(new Made(topic, sort), 0L);
  }

  /** All events of a sort, in both topics. */
  public long made(Sort sort) {
    long sum = 0;
    for (Topic topic : Topic.values()) {
      sum += made(topic, sort);
    }
    return sum;
  }

  /** All events of a topic. */
  public long made(Topic topic) {
    long sum = 0;
    for (Sort sort : Sort.values()) {
      sum += made(topic, sort);
    }
    return sum;
  }

  /** The events of a topic that can be decoded and break no rule, repeated and late ones too. */
  public long valid(Topic topic) {
    long sum = 0;
    for (Sort sort : Sort.values()) {
      sum += sort.valid() ? made(topic, sort) : 0;
    }
    return sum;
  }

  /** What each window must hold. */
  public Map<Minute, Totals> minutes() {
    return Map.copyOf(minutes);
  }

  /** Whether a valid click is fraud, by its number. */
  public boolean fraud(int click) {
    return fraud.get(click);
  }

  /** How many different valid clicks are fraud. */
  public long frauds() {
    return fraud.cardinality();
  }
}
