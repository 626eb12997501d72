package io.millrace.jobs.demo;

import java.time.Instant;

/**
 * An event as it is sent, and what is known about it.
 *
 * @param number of the event in its topic; a repeated one has that of the first
 * @param cents the price of an impression
 * @param fraud whether a click is no person's
 */
public record Event(
    Topic topic,
    Sort sort,
    int number,
    String ad,
    Instant at,
    long cents,
    boolean fraud,
    String payload) {

  Event as(Sort other) {
    return new Event(topic, other, number, ad, at, cents, fraud, payload);
  }
}
