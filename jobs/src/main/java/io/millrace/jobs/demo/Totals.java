package io.millrace.jobs.demo;

/** What belongs to one window. */
public record Totals(long impressions, long clicks, long cents) {
  static final Totals NONE = new Totals(0, 0, 0);

  static Totals of(Event event) {
    return event.topic() == Topic.IMPRESSIONS
        ? new Totals(1, 0, event.cents())
        : new Totals(0, 1, 0);
  }

  Totals plus(Totals other) {
    return new Totals(impressions + other.impressions, clicks + other.clicks, cents + other.cents);
  }
}
