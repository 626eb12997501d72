package io.millrace.sinks.pool;

import io.millrace.engine.spi.Causes;
import io.millrace.engine.spi.Durations;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertificateExpiredException;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import javax.net.ssl.SSLException;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;

/** What a refusal of Redis means, and whether it may pass. */
final class RedisFault {
  /** Codes of faults of the system that may pass, and what would help. */
  private static final Map<String, String> PASSING =
      Map.ofEntries(
          Map.entry("OOM", "Free memory, or raise maxmemory of the server"),
          Map.entry("LOADING", "It reads its data and will be there soon"),
          Map.entry("READONLY", "Name the primary server in url"),
          Map.entry("MASTERDOWN", "Bring the primary server back"),
          Map.entry("NOREPLICAS", "Bring the replicas back, or lower min-replicas-to-write"),
          Map.entry("MISCONF", "Look why the server cannot save its data"),
          Map.entry("BUSY", "Somebody's script blocks it"),
          Map.entry("TRYAGAIN", "Try again"),
          Map.entry("CLUSTERDOWN", "Bring the cluster back"),
          Map.entry("max number of clients", "Lower connections, or raise maxclients"));

  private static final List<String> LOGIN =
      List.of("WRONGPASS", "NOAUTH", "ERR AUTH", "ERR invalid password");
  private static final List<String> CLUSTER = List.of("MOVED", "ASK ", "CROSSSLOT");

  private RedisFault() {}

  static RedisException of(RedisServer server, JedisException why) {
    String said = Causes.clause(Causes.root(why));
    Optional<RedisException> told = reply(server, said, why);
    if (told.isPresent()) {
      return told.get();
    }
    if (Causes.any(why, NoSuchElementException.class)) {
      return new RedisException(
          "Cannot get a connection to %s within %s: all %d are lent. Raise connections or patience"
              .formatted(server.place(), Durations.text(server.patience()), server.connections()),
          true,
          why);
    }
    if (Causes.any(why, SSLException.class)) {
      return new RedisException(
          "Cannot connect to %s by TLS: %s. Check that url has the host of the server's certificate, and truststore the certificate of who signed it"
              .formatted(
                  server.place(),
                  Causes.any(why, CertificateExpiredException.class)
                      ? "the certificate has expired, " + said
                      : said),
          false,
          why);
    }
    if (Causes.any(why, SocketTimeoutException.class) && !Causes.any(why, ConnectException.class)) {
      return new RedisException(
          "Cannot get an answer from %s within %s. Look what keeps it, or raise timeout"
              .formatted(server.place(), Durations.text(server.timeout())),
          true,
          why);
    }
    if (Causes.any(why, JedisConnectionException.class)) {
      return new RedisException(
          "Cannot reach %s. Check host, port and that the server runs: %s"
              .formatted(
                  server.place(),
                  Causes.any(why, UnknownHostException.class)
                      ? "there is no host " + server.host()
                      : said),
          true,
          why);
    }
    return new RedisException("Cannot work in %s: %s".formatted(server.place(), said), false, why);
  }

  /** What the server itself said. */
  private static Optional<RedisException> reply(
      RedisServer server, String said, JedisException why) {
    if (LOGIN.stream().anyMatch(said::startsWith)) {
      return Optional.of(
          new RedisException(
              "Cannot log in to %s as %s. Check user and password: %s"
                  .formatted(server.place(), server.user().orElse("the default user"), said),
              true,
              why));
    }
    if (said.startsWith("NOPERM")) {
      return Optional.of(
          new RedisException(
              "Cannot do that in %s as %s: %s. Grant it to the user"
                  .formatted(server.place(), server.user().orElse("the default user"), said),
              false,
              why));
    }
    if (CLUSTER.stream().anyMatch(said::startsWith)) {
      return Optional.of(
          new RedisException(
              "Cannot write to %s: it is a node of a Redis Cluster, which is not supported. Name a server that stands alone or has replicas"
                  .formatted(server.place()),
              false,
              why));
    }
    if (said.contains("DB index")) {
      return Optional.of(
          new RedisException(
              "Cannot find database %d in %s: %s. Check its number in url"
                  .formatted(server.database(), server.place(), said),
              false,
              why));
    }
    return PASSING.entrySet().stream()
        .filter(known -> said.matches("(?s)(.*: -?|ERR )?\\Q" + known.getKey() + "\\E\\b.*"))
        .findFirst()
        .map(
            known ->
                new RedisException(
                    "Cannot write to %s: %s. %s".formatted(server.place(), said, known.getValue()),
                    true,
                    why));
  }
}
