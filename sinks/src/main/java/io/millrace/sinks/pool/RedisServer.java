package io.millrace.sinks.pool;

import io.millrace.engine.spi.Durations;
import io.millrace.engine.spi.Packed;
import io.millrace.engine.spi.Secret;
import java.io.Serializable;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a Redis server is reached. Equal ones share one pool.
 *
 * @param url {@code redis://host:6379/0}, or {@code rediss://} for TLS
 * @param truststore a file of trusted certificates; the JVM's own if empty
 * @param patience how long a borrower waits for a free connection
 * @param timeout how long to wait for a connection to be made, and for an answer
 */
public record RedisServer(
    String url,
    Optional<String> user,
    Optional<Secret> password,
    Optional<String> truststore,
    Optional<Secret> truststorePassword,
    int connections,
    Duration patience,
    Duration timeout)
    implements Serializable {
  private static final Pattern URL =
      Pattern.compile(
          "(rediss?)://([A-Za-z0-9._-]+|\\[[0-9a-fA-F:.]+])(?::(\\d{1,5}))?/?(\\d{1,5})?");

  /**
   * Checks what can be checked without the server.
   *
   * @throws IllegalArgumentException with a sentence, if one is not allowed
   */
  public RedisServer {
    if (url.contains("@")) {
      throw new IllegalArgumentException(
          "Cannot take a login in the URL %s. Use user and password"
              .formatted(url.replaceFirst("//.*@", "//")));
    }
    if (!URL.matcher(url).matches()) {
      throw new IllegalArgumentException(
          "Expected a URL such as redis://host:6379/0, or rediss:// for TLS, found " + url);
    }
    if (user.isPresent() && password.isEmpty()) {
      throw new IllegalArgumentException(
          "Missing password of user %s. Write password: ${NAME}".formatted(user.get()));
    }
    if (truststore.isPresent() && !url.startsWith("rediss:")) {
      throw new IllegalArgumentException(
          "Cannot use a truststore without TLS. Write rediss:// in url");
    }
    if (connections < 1) {
      throw new IllegalArgumentException("Expected connections of 1 or more, found " + connections);
    }
    positive("patience", patience);
    positive("timeout", timeout);
  }

  private static void positive(String name, Duration value) {
    if (value.toMillis() < 1 || value.toMillis() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "Expected a %s of 1ms to 24d, found %s".formatted(name, Durations.text(value)));
    }
  }

  /** The URL, which holds no secret. */
  public String place() {
    return url;
  }

  String host() {
    return part(2).orElseThrow().replaceAll("[\\[\\]]", "");
  }

  int port() {
    return part(3).map(Integer::parseInt).orElse(6379);
  }

  int database() {
    return part(4).map(Integer::parseInt).orElse(0);
  }

  boolean encrypts() {
    return url.startsWith("rediss:");
  }

  private Optional<String> part(int group) {
    Matcher matcher = URL.matcher(url);
    return matcher.matches() ? Optional.ofNullable(matcher.group(group)) : Optional.empty();
  }

  private Object writeReplace() {
    return Packed.of(this);
  }
}
