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
record Given(
    String url,
    Optional<String> user,
    Optional<Secret> password,
    Optional<String> truststore,
    List<String> keys,
    Optional<String> prefix,
    RedisSettings.Form form,
    List<String> columns,
    List<String> orderBy,
    Optional<String> deleteWhen,
    Optional<Duration> expireAfter) {

  static Given at(String url, String... keys) {
    return new Given(
        url,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(keys),
        Optional.empty(),
        RedisSettings.Form.HASH,
        List.of(),
        List.of(),
        Optional.empty(),
        Optional.empty());
  }

  Given login(String user, String password) {
    return new Given(
        url,
        Optional.of(user),
        Optional.of(Secret.of("${UNSET:-" + password + "}")),
        truststore,
        keys,
        prefix,
        form,
        columns,
        orderBy,
        deleteWhen,
        expireAfter);
  }

  Given trusting(String file) {
    return new Given(
        url,
        user,
        password,
        Optional.of(file),
        keys,
        prefix,
        form,
        columns,
        orderBy,
        deleteWhen,
        expireAfter);
  }

  Given prefix(String text) {
    return new Given(
        url,
        user,
        password,
        truststore,
        keys,
        Optional.of(text),
        form,
        columns,
        orderBy,
        deleteWhen,
        expireAfter);
  }

  Given json(Duration life, String... written) {
    return new Given(
        url,
        user,
        password,
        truststore,
        keys,
        prefix,
        RedisSettings.Form.JSON,
        List.of(written),
        orderBy,
        deleteWhen,
        Optional.of(life).filter(time -> !time.isZero()));
  }

  Given ordered(String... by) {
    return new Given(
        url,
        user,
        password,
        truststore,
        keys,
        prefix,
        form,
        columns,
        List.of(by),
        deleteWhen,
        expireAfter);
  }

  Given deleting(String when) {
    return new Given(
        url,
        user,
        password,
        truststore,
        keys,
        prefix,
        form,
        columns,
        orderBy,
        Optional.of(when),
        expireAfter);
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
