package io.millrace.jobs.demo;

import java.util.Map;

/**
 * What the sinks hold when the job is done.
 *
 * @param raw events in the Delta table, by topic
 * @param letters dead letters, by source and rule
 * @param dropped what its stateful steps left out
 */
public record Found(
    Map<String, Long> raw,
    Map<Letter, Long> letters,
    Scored scored,
    Map<Minute, Totals> minutes,
    LeftOut dropped) {

  /** A sort of dead letter. */
  public record Letter(String source, String rule) {}

  /**
   * Clicks with a score.
   *
   * @param different clicks among them
   * @param flagged different clicks that the model takes for fraud
   * @param caught those of them that are fraud
   */
  public record Scored(long rows, long different, long flagged, long caught) {}

  long raw(Topic topic) {
    return raw.getOrDefault(topic.title(), 0L);
  }

  long letters(Topic topic, String rule) {
    return letters.getOrDefault(new Letter(topic.title(), rule), 0L);
  }

  long allLetters() {
    return letters.values().stream().mapToLong(Long::longValue).sum();
  }

  long allRaw() {
    return raw.values().stream().mapToLong(Long::longValue).sum();
  }

  /** The sum over all windows. */
  Totals counted() {
    return minutes.values().stream().reduce(Totals.NONE, Totals::plus);
  }
}
