package io.millrace.sinks.pool;

import io.millrace.engine.spi.Packed;
import io.millrace.engine.spi.Secret;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How a database is reached. Equal ones share one pool.
 *
 * @param patience how long a borrower waits for a free connection
 * @param idle how long a connection stays open that nobody borrows
 * @param truststore a PEM file of certificates; with it, the server's own has to be signed by one
 *     of them and to name its host
 * @param properties properties of the driver, of those that cannot load classes or read files
 */
public record Database(
    String url,
    Optional<String> user,
    Optional<Secret> password,
    int connections,
    Duration patience,
    Duration idle,
    Optional<String> truststore,
    Map<String, String> properties)
    implements Serializable {

  /**
   * Checks the URL and the properties.
   *
   * @throws IllegalArgumentException with a sentence, if one is not allowed
   */
  public Database {
    properties = Map.copyOf(properties);
    DriverProperties.check(url, properties);
    if (connections < 1) {
      throw new IllegalArgumentException("Expected connections of 1 or more, found " + connections);
    }
    if (truststore.isPresent() && Vendor.of(url).trust().isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot use a truststore for %s, which is reached without TLS. Leave it out"
              .formatted(DriverProperties.place(url)));
    }
    if (idle.toMillis() < 10_000) {
      throw new IllegalArgumentException(
          "Expected an idle-timeout of 10s or more, found " + idle.toMillis() + "ms");
    }
    if (patience.toMillis() < 250) {
      throw new IllegalArgumentException(
          "Expected a patience of 250ms or more, found " + patience.toMillis() + "ms");
    }
  }

  /** One whose connections stay open for ten minutes without work, with the driver's own trust. */
  public Database(
      String url,
      Optional<String> user,
      Optional<Secret> password,
      int connections,
      Duration patience,
      Map<String, String> properties) {
    this(
        url,
        user,
        password,
        connections,
        patience,
        Duration.ofMinutes(10),
        Optional.empty(),
        properties);
  }

  /** All that its driver is told beside the URL and the login. */
  public Map<String, String> told() {
    Vendor vendor = Vendor.of(url);
    Map<String, String> all = new TreeMap<>(vendor.properties());
    truststore.ifPresent(
        file -> {
          List<String> trust = vendor.trust();
          all.put(trust.get(0), file);
          all.put(trust.get(1), "verify-full");
        });
    all.putAll(properties);
    return all;
  }

  /** The URL without its parameters, fit for a message. */
  public String place() {
    return DriverProperties.place(url);
  }

  private Object writeReplace() {
    return Packed.of(this);
  }
}
