package io.millrace.sinks.http;

import java.io.IOException;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.Set;

/**
 * How a request ended.
 *
 * @param status of the answer; 0 where there was none
 * @param said the begin of the answer, or why there was none, in one line
 * @param location where it leads to
 * @param after how long to wait before the next try
 */
record Answer(int status, String said, Optional<String> location, Optional<Duration> after) {
  private static final int NONE = 0;
  private static final Set<Integer> LATER = Set.of(NONE, 408, 425, 429);
  private static final Set<Integer> NEVER = Set.of(501, 505, 511);
  private static final Set<Integer> BAD = Set.of(400, 409, 413, 422);

  static Answer of(HttpResponse<String> response) {
    HttpHeaders headers = response.headers();
    return new Answer(
        response.statusCode(),
        line(response.body()),
        headers.firstValue("Location").map(text -> text.replaceFirst("[?#].*", "")),
        headers.firstValue("Retry-After").flatMap(text -> after(text, Instant.now())));
  }

  /** Where there was no answer. */
  static Answer none(IOException why) {
    String text = why.getMessage();
    String kind = why.getClass().getSimpleName();
    return new Answer(
        NONE, text == null ? kind : kind + ": " + line(text), Optional.empty(), Optional.empty());
  }

  /** Seconds, or a date. */
  static Optional<Duration> after(String text, Instant now) {
    if (text.strip().matches("[0-9]{1,9}")) {
      return Optional.of(Duration.ofSeconds(Long.parseLong(text.strip())));
    }
    try {
      Instant then =
          ZonedDateTime.parse(text.strip(), DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      return Optional.of(then.isAfter(now) ? Duration.between(now, then) : Duration.ZERO);
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static String line(String text) {
    return text.replaceAll("[\\s\\p{Cntrl}]+", " ").strip();
  }

  boolean good() {
    return status / 100 == 2;
  }

  /** Whether the same request may be answered in another way later. */
  boolean mayPass() {
    return LATER.contains(status) || (status / 100 == 5 && !NEVER.contains(status));
  }

  /** Whether it is the rows that are refused. */
  boolean refusesRows() {
    return BAD.contains(status);
  }

  /** What it was, as the end of a sentence. */
  String words() {
    if (status == NONE) {
      return "no answer: " + said;
    }
    return said.isEmpty() ? "answer " + status : "answer " + status + ": " + said;
  }

  /** What would work, where it is neither the rows nor a matter of time. */
  String cure() {
    return switch (status) {
      case 401, 407 -> "Check token or secret-headers";
      case 403 -> "Let who logs in by token or secret-headers write there";
      case 404, 410 -> "Check the path of url";
      case 405, 501 -> "Check method, and the path of url";
      case 406, 415 -> "Check body: the endpoint takes another form";
      default ->
          location
              .map(place -> "It leads to %s: name that address in url".formatted(place))
              .orElse("Look what the endpoint expects");
    };
  }
}
