package io.millrace.engine.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Asks a registry. What can never change, which schema an id names and which id a schema of a
 * subject has, is asked once in a JVM.
 *
 * <p>All of it throws {@link IllegalStateException} with a sentence if the registry is away for
 * longer than its patience, or refuses to answer.
 */
public final class RegistryClient {
  private static final Map<SchemaRegistry, RegistryClient> OPEN = new ConcurrentHashMap<>();

  private final Calls calls;
  private final Map<Integer, Written> schemas = new ConcurrentHashMap<>();
  private final Map<Entry, Integer> ids = new ConcurrentHashMap<>();

  private record Entry(String subject, String schema) {}

  private RegistryClient(SchemaRegistry registry) {
    this.calls = new Calls(registry);
  }

  /** The client that all tasks of this JVM share. */
  public static RegistryClient of(SchemaRegistry registry) {
    return OPEN.computeIfAbsent(registry, RegistryClient::new);
  }

  /** The schema of an id, empty if the registry says that there is none. */
  public Optional<Written> schema(int id) {
    Written known = schemas.get(id);
    if (known != null) {
      return Optional.of(known);
    }
    // An id that is not there may come to be: only what is found is kept.
    Optional<Written> found =
        calls
            .get("/schemas/ids/" + Integer.toUnsignedString(id))
            .map(answer -> written(id, answer));
    found.ifPresent(written -> schemas.put(id, written));
    return found;
  }

  /** The newest schema of a subject, empty if there is no such subject. */
  public Optional<Written> newest(String subject) {
    return calls
        .get("/subjects/" + word(subject) + "/versions/latest")
        .map(found -> written(found.path("id").asInt(), found));
  }

  /** The id of a schema that a subject has, empty if it does not have it. */
  public Optional<Integer> id(String subject, String schema) {
    Entry entry = new Entry(subject, schema);
    Integer known = ids.get(entry);
    if (known != null) {
      return Optional.of(known);
    }
    Optional<Integer> found =
        calls
            .post("/subjects/" + word(subject), body(schema))
            .map(answer -> answer.path("id").asInt());
    found.ifPresent(id -> ids.put(entry, id));
    return found;
  }

  /**
   * Adds a schema to a subject, unless it has it.
   *
   * @throws RefusedSchemaException with what the registry says, if it does not take the schema
   */
  public int register(String subject, String schema) {
    int id =
        calls
            .post("/subjects/" + word(subject) + "/versions", body(schema))
            .map(found -> found.path("id").asInt())
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "Cannot register a schema at %s: it answers that there is no such path. Check the path of url"
                            .formatted(calls.place())));
    ids.put(new Entry(subject, schema), id);
    return id;
  }

  /** Where it asks, for a sentence. */
  public String place() {
    return calls.place();
  }

  private static Written written(int id, JsonNode found) {
    return new Written(
        id,
        found.path("schema").asText(),
        found.path("schemaType").asText("AVRO"),
        !found.path("references").isEmpty());
  }

  private static String body(String schema) {
    return JsonNodeFactory.instance.objectNode().put("schema", schema).toString();
  }

  private static String word(String subject) {
    return URLEncoder.encode(subject, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
