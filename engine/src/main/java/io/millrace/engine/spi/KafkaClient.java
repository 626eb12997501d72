package io.millrace.engine.spi;

import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** How a client reaches a Kafka cluster. */
public record KafkaClient(
    String servers, Optional<KafkaSecurity> security, Map<String, String> properties) {
  /** How long a client that only asks waits for an answer. */
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private static final Set<String> COMMON =
      Set.of(
          "client.dns.lookup",
          "client.id",
          "client.rack",
          "connections.max.idle.ms",
          "default.api.timeout.ms",
          "metadata.max.age.ms",
          "receive.buffer.bytes",
          "reconnect.backoff.max.ms",
          "reconnect.backoff.ms",
          "request.timeout.ms",
          "retry.backoff.max.ms",
          "retry.backoff.ms",
          "send.buffer.bytes",
          "socket.connection.setup.timeout.max.ms",
          "socket.connection.setup.timeout.ms",
          "ssl.cipher.suites",
          "ssl.enabled.protocols",
          "ssl.protocol");

  public KafkaClient {
    if (servers.isBlank()) {
      throw new IllegalArgumentException(
          "Missing servers. Name at least one broker, for example localhost:9092");
    }
    properties = Map.copyOf(properties);
  }

  /**
   * Checks names of Kafka's own properties: those that every client may set, and some more. Others
   * load classes, weaken security or break delivery.
   *
   * @throws IllegalArgumentException with a sentence, for a name that is not among them
   */
  public static void check(Map<String, String> properties, Collection<String> more) {
    for (String name : new TreeSet<>(properties.keySet())) {
      if (!COMMON.contains(name) && !more.contains(name)) {
        Set<String> known = new TreeSet<>(COMMON);
        known.addAll(more);
        throw new IllegalArgumentException(
            "Cannot set the property " + name + ". One may set: " + String.join(", ", known));
      }
    }
  }

  /** The properties of a client that only asks, for some seconds; secrets in clear. */
  public Map<String, Object> asking() {
    Map<String, Object> all = new LinkedHashMap<>(properties);
    all.keySet().retainAll(COMMON);
    all.putAll(fixed());
    all.put("default.api.timeout.ms", String.valueOf(PATIENCE.toMillis()));
    all.put("request.timeout.ms", String.valueOf(PATIENCE.toMillis()));
    return all;
  }

  /** The properties of a client, secrets in clear: for the client only, never for a log. */
  public Map<String, Object> reveal() {
    Map<String, Object> all = new LinkedHashMap<>(properties);
    all.putAll(fixed());
    return all;
  }

  private Map<String, Object> fixed() {
    Map<String, Object> fixed = new LinkedHashMap<>();
    fixed.put("bootstrap.servers", servers);
    security.ifPresent(how -> fixed.putAll(how.reveal()));
    return fixed;
  }
}
