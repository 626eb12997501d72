package io.millrace.sinks.kafka;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Places;
import io.millrace.engine.spi.Reject;
import io.millrace.engine.spi.SourceRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A row that a sink left out of a batch, as a record of its ledger topic until the dead letters
 * have it: the key is {@code job/sink/reject/query id/batch/number}, the value a JSON object of
 * attempt, at, rule, reason, row, and the coordinates, key and raw value of the record that it came
 * from where that is known, and nothing when it is forwarded.
 */
final class LeftOut {
  private static final ObjectMapper JSON = new ObjectMapper();

  private LeftOut() {}

  /** What the keys of a sink's rejects start with. */
  static String prefix(Identity who) {
    return new String(Mark.key(who), StandardCharsets.UTF_8) + "/reject/";
  }

  /** The same of one batch of a query. */
  static String prefix(Identity who, long batch) {
    return prefix(who) + who.queryId() + "/" + batch + "/";
  }

  static byte[] key(Identity who, long batch, int number) {
    return (prefix(who, batch) + number).getBytes(StandardCharsets.UTF_8);
  }

  static byte[] value(Reject reject) {
    ObjectNode value = JSON.createObjectNode();
    value.put("attempt", reject.attempt().toString());
    value.put("at", reject.time().toString());
    value.put("rule", reject.rule());
    value.put("reason", reject.reason());
    value.put("row", reject.row());
    SourceRecord from = reject.from();
    if (from != null) {
      value.put("coordinates", from.coordinates());
      value.put("key", from.key());
      value.put("raw", from.raw());
    }
    return value.toString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * The reject of a record; null if it is forwarded.
   *
   * @throws IllegalArgumentException if it is none
   */
  static @Nullable Reject of(byte @Nullable [] value) {
    if (value == null) {
      return null;
    }
    try {
      JsonNode reject = JSON.readTree(value);
      return new Reject(
          UUID.fromString(reject.path("attempt").asText()),
          Instant.parse(reject.path("at").asText()),
          reject.path("rule").asText(),
          reject.path("reason").asText(),
          reject.path("row").asText(),
          Places.NOWHERE,
          SourceRecord.of(
              reject.path("coordinates").textValue(),
              reject.path("key").binaryValue(),
              reject.path("raw").binaryValue()));
    } catch (IOException | DateTimeException e) {
      throw new IllegalArgumentException("Expected a reject, found what is no JSON of one", e);
    }
  }
}
