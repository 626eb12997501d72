package io.millrace.engine.step;

import io.millrace.engine.fold.Firing;
import io.millrace.engine.spi.Durations;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the settings of a window must be like. Each check throws a sentence at the first mistake.
 */
final class WindowChecks {
  private static final Duration DAY = Duration.ofDays(1);

  private WindowChecks() {}

  /** The one kind of window that is asked for. */
  static String kind(
      String time,
      Optional<Duration> every,
      Optional<Duration> session,
      boolean snapshot,
      Optional<Long> rows,
      Optional<Duration> last) {
    if (time.isBlank()) {
      throw new IllegalArgumentException(
          "Missing time. Write a timestamp column, ingested or processed");
    }
    Map<String, Boolean> kinds = new LinkedHashMap<>();
    kinds.put("every", every.isPresent());
    kinds.put("session", session.isPresent());
    kinds.put("snapshot", snapshot);
    kinds.put("rows", rows.isPresent());
    kinds.put("last", last.isPresent());
    List<String> chosen = kinds.keySet().stream().filter(kinds::get).toList();
    if (chosen.size() != 1) {
      throw new IllegalArgumentException(
          "Needs one of every, session, snapshot, rows and last, found "
              + (chosen.isEmpty() ? "none" : String.join(" and ", chosen))
              + ". Write every: 1m for windows on the clock, session: 5m for sessions, snapshot:"
              + " true for rows of the same time, rows: 100 for so many rows, last: 10m for a"
              + " result whenever rows come or leave");
    }
    every.ifPresent(value -> positive("every", value));
    session.ifPresent(value -> positive("session", value));
    last.ifPresent(value -> positive("last", value));
    rows.ifPresent(value -> positive("rows", value));
    return chosen.get(0);
  }

  /** What a kind needs of its time and its key. */
  static void key(String kind, String time, List<String> by, Optional<Duration> longest) {
    if (kind.equals("session") && by.isEmpty()) {
      throw new IllegalArgumentException(
          "Missing by. A session belongs to a key: write by: [user_id]");
    }
    if (kind.equals("snapshot") && time.equals(WindowStep.PROCESSED)) {
      throw new IllegalArgumentException(
          "Cannot take a snapshot in processing time: it would be over before it is seen. Name a"
              + " column with the event time");
    }
    if (kind.equals("rows") && !by.isEmpty() && longest.isEmpty()) {
      throw new IllegalArgumentException(
          "Needs an end: a window of a key without rows would stay open for ever. Write longest:"
              + " 1h, after which it is told as it is");
    }
    longest.ifPresent(value -> positive("longest", value));
    if (longest.isPresent() && !kind.equals("session") && !kind.equals("rows")) {
      throw new IllegalArgumentException(
          "Cannot give a longest length to windows of "
              + kind
              + ", which are as long as they are. Leave out longest");
    }
  }

  /** What windows that are kept by a fold need. */
  static void folded(
      String kind,
      String time,
      Optional<Duration> longest,
      Optional<WindowStep.Trigger> trigger,
      boolean parts) {
    boolean own =
        trigger.isPresent() || longest.isPresent() || kind.equals("rows") || kind.equals("last");
    if (own && (time.equals(WindowStep.INGESTED) || time.equals(WindowStep.PROCESSED))) {
      throw new IllegalArgumentException(
          "Cannot use time: "
              + time
              + " with "
              + (trigger.isPresent() ? "trigger" : longest.isPresent() ? "longest" : kind)
              + ". Name the column with the watermark");
    }
    if (trigger.isEmpty()) {
      return;
    }
    if (parts || kind.equals("snapshot") || kind.equals("last")) {
      throw new IllegalArgumentException(
          "Cannot fire windows with "
              + (parts ? "zone or cumulate" : kind)
              + " by a trigger. Leave out trigger");
    }
    if (trigger.get().timed()) {
      timed(kind, longest.isPresent(), trigger.get().panes());
    }
  }

  /** Of rows that are told as they come, the end of a window may not hang on others. */
  private static void timed(String kind, boolean longest, Firing.Panes panes) {
    if (kind.equals("rows") || longest) {
      throw new IllegalArgumentException(
          "Cannot fire "
              + (kind.equals("session") ? "sessions with longest" : "windows of rows")
              + " early by time or late: where one ends and the next begins, the order of rows"
              + " tells. Write trigger: {rows: 1}"
              + (kind.equals("session") ? ", or leave out longest" : ""));
    }
    if (kind.equals("session") && panes == Firing.Panes.ACCUMULATE) {
      throw new IllegalArgumentException(
          "Cannot accumulate sessions that fire early by time or late: a row between two makes one"
              + " of them, whose result would leave that of the other standing. Write panes:"
              + " retract, which takes both back, or panes: discard");
    }
  }

  /** When windows fire. */
  static void trigger(Optional<Long> rows, Optional<Duration> early, Optional<Duration> late) {
    if (rows.isEmpty() && early.isEmpty() && late.isEmpty()) {
      throw new IllegalArgumentException(
          "Needs one of rows, early and late. Write early: 1m for a result every minute, rows: 100"
              + " for one after so many rows, late: 10m to take rows behind the end");
    }
    rows.ifPresent(value -> positive("rows", value));
    early.ifPresent(value -> positive("early", value));
    late.ifPresent(value -> positive("late", value));
  }

  /** Nothing that only windows on the clock have. */
  static void noClock(
      String kind,
      Optional<Duration> size,
      Optional<Duration> cumulate,
      Optional<Duration> offset,
      Optional<String> zone) {
    Map<String, Optional<?>> clock = new LinkedHashMap<>();
    clock.put("size", size);
    clock.put("cumulate", cumulate);
    clock.put("offset", offset);
    clock.put("zone", zone);
    clock.forEach(
        (key, value) -> {
          if (value.isPresent()) {
            throw new IllegalArgumentException(
                "Cannot give a %s %s, which is for windows on the clock. Leave out %s"
                    .formatted(kind, key, key));
          }
        });
  }

  /** Windows on the clock. */
  static void clock(
      Duration every,
      Optional<Duration> size,
      Optional<Duration> cumulate,
      Optional<Duration> offset,
      Optional<String> zone) {
    size.ifPresent(value -> positive("size", value));
    cumulate.ifPresent(value -> positive("cumulate", value));
    if (size.isPresent() && size.get().compareTo(every) < 0) {
      throw new IllegalArgumentException(
          "Cannot start a window of "
              + Durations.text(size.get())
              + " only every "
              + Durations.text(every)
              + ": rows between two windows would be lost. Write a size of at least every");
    }
    if (offset.isPresent() && (offset.get().isNegative() || offset.get().compareTo(every) >= 0)) {
      throw new IllegalArgumentException(
          "Expected offset to be from 0s up to less than every, which is "
              + Durations.text(every)
              + ", found "
              + Durations.text(offset.get()));
    }
    if (cumulate.isPresent() && size.isPresent()) {
      throw new IllegalArgumentException(
          "Cannot cumulate windows that overlap. Leave out size, or cumulate");
    }
    if (cumulate.isPresent() && (every.equals(cumulate.get()) || !parts(every, cumulate.get()))) {
      throw new IllegalArgumentException(
          "Expected cumulate to go into every, which is "
              + Durations.text(every)
              + ", twice or more and without a rest, found "
              + Durations.text(cumulate.get()));
    }
    zone.ifPresent(name -> zoned(name, every, size.isPresent() || cumulate.isPresent()));
  }

  private static void zoned(String name, Duration every, boolean more) {
    try {
      ZoneId.of(name);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "Unknown zone " + name + ". Write one such as Europe/Berlin or +02:00", e);
    }
    if (!parts(every, DAY)) {
      throw new IllegalArgumentException(
          "Cannot follow the clocks of a zone every "
              + Durations.text(every)
              + ". Write whole days, such as every: 1d, or leave out zone");
    }
    if (more) {
      throw new IllegalArgumentException(
          "Cannot follow the clocks of a zone with size or cumulate: not every day of it has as"
              + " many hours. Leave out zone");
    }
  }

  /** What windows of DStreams are: of the rows of the last batches. */
  static void dstream(WindowStep.Settings settings) {
    if (!settings.time().equals(WindowStep.PROCESSED) || settings.every().isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot open windows by the times of rows with engine: dstream, which has no watermark."
              + " Write {time: processed, every: 1m}, or leave engine out");
    }
    Map<String, Optional<?>> given = new LinkedHashMap<>();
    given.put("cumulate", settings.cumulate());
    given.put("offset", settings.offset());
    given.put("zone", settings.zone());
    given.put("trigger", settings.trigger());
    given.forEach(
        (key, value) -> {
          if (value.isPresent()) {
            throw new IllegalArgumentException(
                "Cannot use %s with engine: dstream. Leave out %s, or engine".formatted(key, key));
          }
        });
  }

  /**
   * Why windows are not cut into slices; empty if they are. Spark aggregates within tasks itself
   * where windows do not overlap.
   */
  static Optional<String> slices(
      Optional<Duration> every,
      Optional<Duration> size,
      Optional<Duration> cumulate,
      Optional<WindowStep.Trigger> trigger) {
    boolean overlap = cumulate.isPresent() || (size.isPresent() && !size.equals(every));
    boolean apart = trigger.isEmpty() ? overlap : trigger.get().rows().isEmpty();
    return every.isPresent() && apart
        ? Optional.empty()
        : Optional.of(
            "Cannot cut these windows into slices. Slices are for windows on the clock with size or"
                + " cumulate, or with a trigger that counts no rows. Leave out slices");
  }

  /** The longest length that goes into both. */
  static Duration common(Duration one, Duration other) {
    BigInteger micros =
        BigInteger.valueOf(Catalyst.micros(one)).gcd(BigInteger.valueOf(Catalyst.micros(other)));
    return Duration.of(micros.longValueExact(), ChronoUnit.MICROS);
  }

  private static boolean parts(Duration whole, Duration part) {
    return Catalyst.micros(whole) % Catalyst.micros(part) == 0;
  }

  /** Results, each with a name of its own. */
  static void results(List<String> span, List<String> by, Set<String> results) {
    if (results.isEmpty()) {
      throw new IllegalArgumentException(
          "Missing aggregate. Write at least one, such as {rows: count(1)}");
    }
    Set<String> names = new HashSet<>(span);
    List<String> all = new ArrayList<>(by);
    all.addAll(results);
    for (String name : all) {
      if (!names.add(name)) {
        throw new IllegalArgumentException(
            "Cannot give two columns the name " + name + ". Rename one of them");
      }
    }
  }

  private static void positive(String key, Duration value) {
    if (value.isZero() || value.isNegative()) {
      throw new IllegalArgumentException(
          "Expected " + key + " to be longer than 0s, found " + Durations.text(value));
    }
  }

  private static void positive(String key, long value) {
    if (value < 1) {
      throw new IllegalArgumentException("Expected " + key + " to be 1 or more, found " + value);
    }
  }
}
