package io.millrace.tests.torture;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.engine.testing.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * What every sink must hold, computed from the topic as it is read back: without Spark, and without
 * the code that made the records.
 */
final class Truth {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  private static final long WINDOW_MICROS = Duration.ofMinutes(10).toMillis() * 1000;
  private static final long DELAY_MILLIS = Duration.ofHours(2).toMillis();

  private final List<Placed> rows = new ArrayList<>();
  private final List<Placed> letters = new ArrayList<>();
  private final Map<Pane, long[]> panes = new HashMap<>();
  private final Map<Upto, Sums> known = new HashMap<>();
  private long latest = Long.MIN_VALUE;

  /** An entry, and where its record lies. */
  private record Placed(int partition, long offset, Entry entry) {}

  private record Pane(String key, long start) {}

  private record Upto(Part part, Mark mark) {}

  private record Event(long id, String key, long micros, long amount) {}

  /** Of all records that a topic has now. */
  static Truth of(String servers, String topic) {
    Truth truth = new Truth();
    for (ConsumerRecord<byte[], byte[]> record : Topics.read(servers, topic)) {
      truth.add(
          record.partition(), record.offset(), new String(record.value(), StandardCharsets.UTF_8));
    }
    return truth;
  }

  void add(int partition, long offset, String value) {
    known.clear();
    Optional<JsonNode> json = parsed(value);
    if (json.isEmpty()) {
      letter(partition, offset, "events", "decode", value);
    } else if (json.get().path("id").isMissingNode()) {
      letter(partition, offset, "events", "not_null", value);
    } else {
      Event event =
          new Event(
              json.get().path("id").longValue(),
              json.get().path("k").textValue(),
              Instant.parse(json.get().path("t").textValue()).toEpochMilli() * 1000,
              json.get().path("amount").longValue());
      latest = Math.max(latest, event.micros());
      if (event.amount() > 0) {
        live(partition, offset, event);
      } else {
        letter(partition, offset, "valid", "amount_positive", value);
      }
    }
  }

  /** A JSON object whose fields have their types. */
  private static Optional<JsonNode> parsed(String value) {
    try {
      JsonNode json = JSON.readTree(value);
      return json.isObject() && json.path("amount").isIntegralNumber()
          ? Optional.of(json)
          : Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  private void live(int partition, long offset, Event event) {
    rows.add(
        new Placed(
            partition,
            offset,
            Entry.row(partition, offset, event.id(), event.key(), event.micros(), event.amount())));
    if (event.micros() >= Workload.START.toEpochMilli() * 1000) {
      long start = Math.floorDiv(event.micros(), WINDOW_MICROS) * WINDOW_MICROS;
      long[] sums = panes.computeIfAbsent(new Pane(event.key(), start), key -> new long[2]);
      sums[0]++;
      sums[1] += event.amount();
    }
  }

  private void letter(int partition, long offset, String step, String rule, String value) {
    letters.add(new Placed(partition, offset, Entry.dead(partition, offset, step, rule, value)));
  }

  /** In milliseconds, the watermark behind all records. */
  long watermark() {
    return latest / 1000 - DELAY_MILLIS;
  }

  /** What a sink must hold once it has every batch. */
  List<Entry> all(Part part) {
    return switch (part) {
      case ROWS -> rows.stream().map(Placed::entry).toList();
      case DEAD_LETTERS -> letters.stream().map(Placed::entry).toList();
      case WINDOWS -> windows(watermark());
    };
  }

  private List<Entry> windows(long watermark) {
    List<Entry> closed = new ArrayList<>();
    panes.forEach(
        (pane, sums) -> {
          if (pane.start() + WINDOW_MICROS <= watermark * 1000) {
            closed.add(Entry.window(pane.key(), pane.start(), sums[0], sums[1]));
          }
        });
    return closed;
  }

  /** What a sink must hold once it has the batches up to one that reads as far as this, no more. */
  Sums sums(Part part, Mark mark) {
    return known.computeIfAbsent(
        new Upto(part, mark),
        upto ->
            switch (part) {
              case ROWS -> before(rows, mark);
              case DEAD_LETTERS -> before(letters, mark);
              case WINDOWS -> sums(windows(mark.watermark()));
            });
  }

  private static Sums before(List<Placed> placed, Mark mark) {
    return sums(
        placed.stream()
            .filter(entry -> entry.offset() < mark.end(entry.partition()))
            .map(Placed::entry)
            .toList());
  }

  private static Sums sums(List<Entry> entries) {
    Sums sums = Sums.NONE;
    for (Entry entry : entries) {
      sums = sums.plus(entry);
    }
    return sums;
  }
}
