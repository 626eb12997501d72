package io.millrace.sinks.redis;

import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Durations;
import io.millrace.engine.spi.Packed;
import io.millrace.engine.spi.Secret;
import io.millrace.sinks.encode.Condition;
import io.millrace.sinks.pool.RedisServer;
import java.io.Serializable;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/** Which server gets the rows, under which keys, and in which form. */
public record RedisSettings(
    @Doc(
            "The server: redis://host:6379/0, or rediss:// for TLS, where 0 is the number of the"
                + " database. It stands alone or has replicas; a Redis Cluster is not supported.")
        String url,
    @Doc("The user that logs in. The default user if left out.") Optional<String> user,
    @Doc("The password of the user.") Optional<Secret> password,
    @Doc("For TLS: a file of trusted certificates: .pem, .jks or .p12. The JVM's own if left out.")
        Optional<String> truststore,
    @Doc("The password of the truststore.") Optional<Secret> truststorePassword,
    @Doc(
            "The columns whose values make the key of a row. Of several, the values are joined by :"
                + " and a : or \\ within one has a \\ before it.")
        List<String> keys,
    @Doc("What stands before each key, such as customer:.") Optional<String> prefix,
    @Doc(
            "What a row becomes: a hash, with a field for each column that is not null, where other"
                + " fields of the hash stay as they are; or a string, a JSON object of these columns.")
        @Default("hash")
        Form form,
    @Doc("The columns that are written. All if left out.") List<String> columns,
    @Doc(
            "The columns that tell which of two rows of a key in one batch is newer, the first one"
                + " first: whole numbers, dates or times. Of equal ones the first counts. Left out, it"
                + " is the order in which the rows come, which holds within a partition of the source"
                + " only.")
        List<String> orderBy,
    @Doc("For merge: a condition that holds for the rows that delete their key, such as op = 'd'.")
        Optional<String> deleteWhen,
    @Doc("How long after its last row a key is gone, such as 30d. Never if left out.")
        Optional<Duration> expireAfter,
    @Doc("How many connections one JVM keeps to this server.") @Default("8") int connections,
    @Doc("How long to wait for a free connection.") @Default("30s") Duration patience,
    @Doc("How long to wait until a connection is made, and for an answer.") @Default("10s")
        Duration timeout,
    @Doc(
            "For how long a batch is tried again while the server is away, refuses the login, is full,"
                + " read-only or still reads its data; then the job stops. 0s stops at once.")
        @Default("5m")
        Duration retry)
    implements Serializable {
  /** Keys that start like this are those of the ledger. */
  static final String OWN = "millrace:";

  /** What a row becomes. */
  public enum Form {
    HASH,
    JSON
  }

  /** Checks what can be checked without the server. */
  public RedisSettings {
    keys = List.copyOf(keys);
    columns = List.copyOf(columns);
    orderBy = List.copyOf(orderBy);
    if (keys.isEmpty()) {
      throw new IllegalArgumentException(
          "Missing keys. Name the columns whose values make the key of a row, for example keys: [id]");
    }
    once("keys", keys);
    once("columns", columns);
    once("order-by", orderBy);
    if (prefix.filter(text -> text.startsWith(OWN)).isPresent()) {
      throw new IllegalArgumentException(
          "Cannot use the prefix %s: keys that start with %s are those of the ledger. Choose another one"
              .formatted(prefix.get(), OWN));
    }
    deleteWhen.ifPresent(text -> Condition.check("delete-when", text));
    if (expireAfter.filter(time -> time.toMillis() < 1).isPresent()) {
      throw new IllegalArgumentException(
          "Expected an expire-after of 1ms or more, found " + Durations.text(expireAfter.get()));
    }
    new RedisServer(
        url, user, password, truststore, truststorePassword, connections, patience, timeout);
  }

  private static void once(String setting, List<String> names) {
    if (new HashSet<>(names).size() < names.size()) {
      throw new IllegalArgumentException("Cannot use a column twice in " + setting + ": " + names);
    }
  }

  RedisServer server() {
    return new RedisServer(
        url, user, password, truststore, truststorePassword, connections, patience, timeout);
  }

  private Object writeReplace() {
    return Packed.of(this);
  }
}
