package io.millrace.sinks.pool;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The databases that are known, and what their drivers need to be told. */
// Its maps, lists and sets cannot be changed.
@SuppressWarnings("ImmutableEnumChecker")
public enum Vendor {
  POSTGRESQL(
      "jdbc:postgresql:",
      "org.postgresql:postgresql",
      Map.of("tcpKeepAlive", "true"),
      List.of("sslrootcert", "sslmode"),
      // As the driver spells them: it does not know them in any other case of letters.
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
          "tcpNoDelay")),
  H2(
      "jdbc:h2:",
      "com.h2database:h2",
      Map.of(),
      List.of(),
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
          "write_delay")),
  SQLITE(
      "jdbc:sqlite:",
      "org.xerial:sqlite-jdbc",
      Map.of(),
      List.of(),
      Set.of("busy_timeout", "cache_size", "foreign_keys", "journal_mode", "synchronous")),
  /** Its sessions speak standard SQL, cut and guess no value, and have the clock of UTC. */
  MARIADB(
      "jdbc:mariadb:",
      "org.mariadb.jdbc:mariadb-java-client",
      Map.of(
          "sessionVariables",
          "sql_mode='ANSI_QUOTES,STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',time_zone='+00:00'",
          "transactionIsolation",
          "READ-COMMITTED",
          "useBulkStmts",
          "true",
          "tcpKeepAlive",
          "true"),
      List.of("serverSslCert", "sslMode"),
      Set.of(
          "connectTimeout",
          "enabledSslProtocolSuites",
          "maxAllowedPacket",
          "prepStmtCacheSize",
          "socketTimeout",
          "sslMode",
          "tcpKeepAlive",
          "tcpKeepCount",
          "tcpKeepIdle",
          "tcpKeepInterval",
          "useCompression"));

  private final String prefix;
  private final String driver;
  private final Map<String, String> properties;
  private final List<String> trust;
  private final Set<String> allowed;

  Vendor(
      String prefix,
      String driver,
      Map<String, String> properties,
      List<String> trust,
      Set<String> allowed) {
    this.prefix = prefix;
    this.driver = driver;
    this.properties = properties;
    this.trust = trust;
    this.allowed = allowed;
  }

  /**
   * The one that a URL names.
   *
   * @throws IllegalArgumentException with a sentence, if it is none of these
   */
  public static Vendor of(String url) {
    return Arrays.stream(values())
        .filter(vendor -> url.startsWith(vendor.prefix))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Expected a URL that starts with %s, found %s"
                        .formatted(
                            Arrays.stream(values())
                                .map(vendor -> vendor.prefix)
                                .collect(Collectors.joining(", "))
                                .replaceFirst(", (?=[^,]*$)", " or "),
                            DriverProperties.place(url))));
  }

  /** The artifact that holds its driver, by group and name. */
  String driver() {
    return driver;
  }

  /** What its driver is told where a job says nothing else. */
  public Map<String, String> properties() {
    return properties;
  }

  /**
   * The property of the driver that takes a file of trusted certificates, and the one that says how
   * much is checked; empty if the database is no server of its own.
   */
  List<String> trust() {
    return trust;
  }

  /** The properties that a job may set: none that loads a class or reads a file. */
  Set<String> allowed() {
    return allowed;
  }
}
