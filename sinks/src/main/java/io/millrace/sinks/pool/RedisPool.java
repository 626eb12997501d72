package io.millrace.sinks.pool;

import io.millrace.engine.spi.Trust;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.Connection;
import redis.clients.jedis.ConnectionPool;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.exceptions.JedisException;

/** Connections to one Redis server, lent for the length of a call. */
public final class RedisPool {
  private final RedisServer server;
  private final ConnectionPool pool;
  private final Breaker breaker;
  private volatile JedisException last = new JedisException("unknown");

  RedisPool(RedisServer server) {
    this.server = server;
    this.breaker = new Breaker(server.place());
    ConnectionPoolConfig config = new ConnectionPoolConfig();
    config.setMaxTotal(server.connections());
    config.setMaxIdle(server.connections());
    config.setMaxWait(server.patience());
    config.setTestOnBorrow(true);
    config.setJmxEnabled(false);
    this.pool =
        new ConnectionPool(new HostAndPort(server.host(), server.port()), client(server), config);
  }

  /**
   * Lends a connection. One that was in use when the work failed is not lent again: an answer may
   * still be under way.
   *
   * @throws RedisException if the server cannot be reached, or refuses
   */
  public <T extends @Nullable Object> T borrow(Work<T> work) {
    try (Connection connection = open()) {
      try {
        return work.with(connection);
      } catch (RuntimeException e) {
        connection.setBroken();
        throw e;
      }
    } catch (JedisException e) {
      throw RedisFault.of(server, e);
    }
  }

  /** While the server is away one caller at a time asks for it. */
  private Connection open() {
    if (!breaker.admits(server.patience())) {
      throw last;
    }
    try {
      Connection connection = pool.getResource();
      breaker.succeeded();
      return connection;
    } catch (JedisException e) {
      boolean lent = e.getCause() instanceof NoSuchElementException;
      if (!lent && RedisFault.of(server, e).passes()) {
        last = e;
        breaker.failed();
      } else {
        breaker.gaveUp();
      }
      throw e;
    }
  }

  void close() {
    pool.close();
  }

  private static DefaultJedisClientConfig client(RedisServer server) {
    DefaultJedisClientConfig.Builder client =
        DefaultJedisClientConfig.builder()
            .timeoutMillis(Math.toIntExact(server.timeout().toMillis()))
            .database(server.database())
            .clientName("millrace")
            .clientSetInfoConfig(ClientSetInfoConfig.DISABLED);
    server.user().ifPresent(client::user);
    server.password().ifPresent(secret -> client.password(secret.reveal()));
    if (server.encrypts()) {
      SSLParameters names = new SSLParameters();
      names.setEndpointIdentificationAlgorithm("HTTPS");
      client.ssl(true).sslParameters(names);
      server
          .truststore()
          .ifPresent(
              file ->
                  client.sslSocketFactory(
                      Trust.context(Path.of(file), server.truststorePassword())
                          .getSocketFactory()));
    }
    return client.build();
  }

  /** Work on a lent connection, which is taken back afterwards. */
  @FunctionalInterface
  public interface Work<T extends @Nullable Object> {
    T with(Connection connection);
  }
}
