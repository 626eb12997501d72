package io.millrace.tests.torture;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * One row of a sink, as the truth has it or as it was found.
 *
 * @param part what it is a row of
 * @param identity which row it should be
 * @param content the rest of it
 * @param first of two numbers whose sums over all rows tell a part of a batch from the whole
 */
record Entry(Part part, String identity, String content, long first, long second) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static Entry row(int partition, long offset, long id, String key, long micros, long amount) {
    return new Entry(
        Part.ROWS,
        partition + "/" + offset,
        id + " " + key + " " + micros + " " + amount,
        offset,
        amount);
  }

  static Entry window(String key, long micros, long count, long total) {
    return new Entry(Part.WINDOWS, key + "/" + micros, count + " " + total, count, total);
  }

  /**
   * A dead letter.
   *
   * @param raw the bytes that were read, as text
   */
  static Entry dead(int partition, long offset, String step, String rule, String raw) {
    return new Entry(
        Part.DEAD_LETTERS,
        partition + "/" + offset + "/" + step + "/" + rule,
        raw,
        offset,
        raw.length());
  }

  /** A row or a window as a sink has it that writes JSON. */
  static Entry json(Part part, JsonNode row) {
    return part == Part.ROWS
        ? row(
            row.path("part").intValue(),
            row.path("pos").longValue(),
            row.path("id").longValue(),
            row.path("k").textValue(),
            row.path("micros").longValue(),
            row.path("amount").longValue())
        : window(
            row.path("k").textValue(),
            row.path("micros").longValue(),
            row.path("n").longValue(),
            row.path("total").longValue());
  }

  /** A dead letter as a sink has it, with coordinates as JSON. */
  static Entry letter(String coordinates, String step, String rule, String raw) {
    try {
      JsonNode place = JSON.readTree(coordinates);
      return dead(place.path("partition").asInt(), place.path("offset").asLong(), step, rule, raw);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Expected coordinates as JSON, found " + coordinates, e);
    }
  }
}
