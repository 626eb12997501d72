package io.millrace.sinks.pool;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Which properties of a driver a job may set, in the URL or beside it. */
final class DriverProperties {
  /** As the driver spells them: it does not know them in any other case of letters. */
  static final Set<String> POSTGRESQL =
      Set.of(
          "ApplicationName",
          "cancelSignalTimeout",
          "channelBinding",
          "connectTimeout",
          "currentSchema",
          "gssEncMode",
          "hostRecheckSeconds",
          "loadBalanceHosts",
          "loginTimeout",
          "prepareThreshold",
          "receiveBufferSize",
          "reWriteBatchedInserts",
          "sendBufferSize",
          "socketTimeout",
          "ssl",
          "sslmode",
          "sslNegotiation",
          "targetServerType",
          "tcpKeepAlive",
          "tcpNoDelay");

  private static final Set<String> H2 =
      Set.of(
          "case_insensitive_identifiers",
          "database_to_lower",
          "database_to_upper",
          "db_close_delay",
          "db_close_on_exit",
          "ifexists",
          "lock_timeout",
          "mode",
          "non_keywords",
          "schema",
          "write_delay");
  private static final Set<String> SQLITE =
      Set.of("busy_timeout", "cache_size", "foreign_keys", "journal_mode", "synchronous");

  private DriverProperties() {}

  static void check(String url, Map<String, String> properties) {
    Set<String> allowed = allowed(url);
    boolean anyCase = url.startsWith("jdbc:h2:");
    parameters(url).forEach(name -> check(name, allowed, anyCase));
    new TreeSet<>(properties.keySet()).forEach(name -> check(name, allowed, anyCase));
    if (url.matches("jdbc:[a-z0-9]+:[^?;]*//[^/?;]*@.*")) {
      throw new IllegalArgumentException(
          "Cannot take a login in the URL " + place(url) + ". Use user and password");
    }
    if (url.startsWith("jdbc:sqlite:") && url.contains(":memory:")) {
      throw new IllegalArgumentException(
          "Cannot share " + url + ", which every connection has for itself. Name a file");
    }
  }

  /** What stands before the parameters, without a login. */
  static String place(String url) {
    return url.split("[?;]", 2)[0].replaceFirst("//[^/]*@", "//");
  }

  private static void check(String name, Set<String> allowed, boolean anyCase) {
    String lower = name.toLowerCase(Locale.ROOT);
    if (lower.equals("user") || lower.equals("password")) {
      throw new IllegalArgumentException(
          "Cannot take " + lower + " as a property of the driver. Use the setting " + lower);
    }
    Optional<String> known = allowed.stream().filter(name::equalsIgnoreCase).findFirst();
    if (known.isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot set the driver's property "
              + name
              + ". One may set: "
              + String.join(", ", new TreeSet<>(allowed)));
    }
    if (!anyCase && !known.get().equals(name)) {
      throw new IllegalArgumentException(
          "Cannot set the driver's property "
              + name
              + ", which it would ignore. Write "
              + known.get());
    }
  }

  private static Set<String> allowed(String url) {
    if (url.startsWith("jdbc:postgresql:")) {
      return POSTGRESQL;
    }
    if (url.startsWith("jdbc:h2:")) {
      return H2;
    }
    if (url.startsWith("jdbc:sqlite:")) {
      return SQLITE;
    }
    throw new IllegalArgumentException(
        "Expected a URL that starts with jdbc:postgresql:, jdbc:h2: or jdbc:sqlite:, found "
            + place(url));
  }

  private static List<String> parameters(String url) {
    String[] parts = url.split(url.startsWith("jdbc:h2:") ? ";" : "[?&]");
    return Arrays.stream(parts)
        .skip(1)
        .filter(part -> !part.isEmpty())
        .map(part -> part.split("=", 2)[0])
        .toList();
  }
}
