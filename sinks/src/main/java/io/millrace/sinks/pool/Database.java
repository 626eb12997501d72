package io.millrace.sinks.pool;

import io.millrace.engine.spi.Packed;
import io.millrace.engine.spi.Secret;
import java.io.Serializable;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * How a database is reached. Equal ones share one pool.
 *
 * @param patience how long a borrower waits for a free connection
 * @param properties properties of the driver, of those that cannot load classes or read files
 */
public record Database(
    String url,
    Optional<String> user,
    Optional<Secret> password,
    int connections,
    Duration patience,
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
    if (patience.toMillis() < 250) {
      throw new IllegalArgumentException(
          "Expected a patience of 250ms or more, found " + patience.toMillis() + "ms");
    }
  }

  /** The URL without its parameters, fit for a message. */
  public String place() {
    return DriverProperties.place(url);
  }

  private Object writeReplace() {
    return Packed.of(this);
  }
}
