package io.millrace.sinks.encode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Origin;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.UUID;

/**
 * What a sink remembers as a JSON object of query, query_id, epoch, batch, rows, at, offsets, plan,
 * digest and version.
 */
public final class HeldJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private HeldJson() {}

  public static ObjectNode of(Identity who, Held held) {
    ObjectNode mark = JSON.createObjectNode();
    mark.put("query", who.query());
    mark.put("query_id", held.queryId().toString());
    mark.put("epoch", held.epoch());
    mark.put("batch", held.batch());
    held.rows().ifPresent(rows -> mark.put("rows", rows));
    held.at().ifPresent(at -> mark.put("at", at.toString()));
    held.origin()
        .ifPresent(
            origin -> {
              mark.put("offsets", origin.offsets());
              mark.put("plan", origin.plan());
              origin.digest().ifPresent(digest -> mark.put("digest", digest));
            });
    mark.put("version", version());
    return mark;
  }

  /**
   * The object that bytes hold.
   *
   * @throws IllegalArgumentException if they hold no JSON
   */
  public static JsonNode read(byte[] bytes) {
    try {
      return JSON.readTree(bytes);
    } catch (IOException e) {
      throw new IllegalArgumentException("Expected a mark, found what is no JSON of one", e);
    }
  }

  /**
   * What an object says.
   *
   * @throws IllegalArgumentException if it lacks what every such object has
   */
  public static Held held(JsonNode mark) {
    try {
      return new Held(
          UUID.fromString(mark.path("query_id").asText()),
          mark.required("epoch").asLong(),
          mark.required("batch").asLong(),
          Optional.ofNullable(mark.get("rows")).map(JsonNode::asLong),
          Optional.ofNullable(mark.get("at")).map(at -> Instant.parse(at.asText())),
          Optional.ofNullable(mark.get("plan"))
              .map(
                  plan ->
                      new Origin(
                          mark.path("offsets").asText(),
                          plan.asText(),
                          Optional.ofNullable(mark.get("digest")).map(JsonNode::asLong))));
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException("Expected a mark, found what is no JSON of one", e);
    }
  }

  private static String version() {
    String version = HeldJson.class.getPackage().getImplementationVersion();
    return version == null ? "unreleased" : version;
  }
}
