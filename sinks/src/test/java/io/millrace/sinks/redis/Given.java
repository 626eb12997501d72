package io.millrace.sinks.redis;

import io.millrace.engine.spi.Secret;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.util.SafeEncoder;

/** Settings for tests, and a plain client that looks at what is there. */
final class Given {
  private final String url;
  private final List<String> keys;
  private Optional<String> user = Optional.empty();
  private Optional<Secret> password = Optional.empty();
  private Optional<String> truststore = Optional.empty();
  private Optional<String> prefix = Optional.empty();
  private RedisSettings.Form form = RedisSettings.Form.HASH;
  private List<String> columns = List.of();
  private List<String> orderBy = List.of();
  private Optional<String> deleteWhen = Optional.empty();
  private Optional<Duration> expireAfter = Optional.empty();

  private Given(String url, List<String> keys) {
    this.url = url;
    this.keys = keys;
  }

  private Given(Given other) {
    this.url = other.url;
    this.keys = other.keys;
    this.user = other.user;
    this.password = other.password;
    this.truststore = other.truststore;
    this.prefix = other.prefix;
    this.form = other.form;
    this.columns = other.columns;
    this.orderBy = other.orderBy;
    this.deleteWhen = other.deleteWhen;
    this.expireAfter = other.expireAfter;
  }

  static Given at(String url, String... keys) {
    return new Given(url, List.of(keys));
  }

  Given login(String name, String word) {
    Given next = new Given(this);
    next.user = Optional.of(name);
    next.password = Optional.of(Secret.of("${UNSET:-" + word + "}"));
    return next;
  }

  Given trusting(String file) {
    Given next = new Given(this);
    next.truststore = Optional.of(file);
    return next;
  }

  Given prefix(String text) {
    Given next = new Given(this);
    next.prefix = Optional.of(text);
    return next;
  }

  Given json(Duration life, String... written) {
    Given next = new Given(this);
    next.form = RedisSettings.Form.JSON;
    next.columns = List.of(written);
    next.expireAfter = Optional.of(life).filter(time -> !time.isZero());
    return next;
  }

  Given ordered(String... by) {
    Given next = new Given(this);
    next.orderBy = List.of(by);
    return next;
  }

  Given deleting(String when) {
    Given next = new Given(this);
    next.deleteWhen = Optional.of(when);
    return next;
  }

  RedisSink sink() {
    return new RedisSink(
        new RedisSettings(
            url,
            user,
            password,
            truststore,
            Optional.empty(),
            keys,
            prefix,
            form,
            columns,
            orderBy,
            deleteWhen,
            expireAfter,
            4,
            Duration.ofSeconds(5),
            Duration.ofSeconds(2),
            Duration.ofMinutes(5)));
  }

  /** What a server answers, its bytes as text. */
  static @Nullable Object ask(int port, String... words) {
    try (Connection connection = new Connection(new HostAndPort("127.0.0.1", port))) {
      connection.sendCommand(
          Protocol.Command.valueOf(words[0]), Arrays.copyOfRange(words, 1, words.length));
      return SafeEncoder.encodeObject(connection.getOne());
    }
  }
}
