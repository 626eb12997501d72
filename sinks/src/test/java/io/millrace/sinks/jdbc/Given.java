package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Secret;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LocalMariaDb;
import io.millrace.engine.testing.LocalPostgres;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The settings of a sink; each word gives others that differ in one of them. */
final class Given {
  private final String table;
  private String url;
  private Optional<String> user;
  private Optional<Secret> password = Optional.empty();
  private List<String> keys = List.of();
  private List<String> orderBy = List.of();
  private Optional<String> deleteWhen = Optional.empty();
  private JdbcSettings.Existing existing = JdbcSettings.Existing.REPLACE;
  private List<String> columns = List.of();
  private JdbcSettings.Create create = JdbcSettings.Create.IF_MISSING;
  private JdbcSettings.Form form = JdbcSettings.Form.AUTO;
  private int connections = 4;
  private Optional<Integer> budget = Optional.empty();
  private Duration lockTimeout = Duration.ofSeconds(30);
  private Optional<Duration> statementTimeout = Optional.empty();
  private Optional<String> truststore = Optional.empty();
  private Map<String, String> properties = Map.of();

  private Given(String url, Optional<String> user, String table) {
    this.table = table;
    this.url = url;
    this.user = user;
  }

  private Given(Given other) {
    this.table = other.table;
    this.url = other.url;
    this.user = other.user;
    this.password = other.password;
    this.keys = other.keys;
    this.orderBy = other.orderBy;
    this.deleteWhen = other.deleteWhen;
    this.existing = other.existing;
    this.columns = other.columns;
    this.create = other.create;
    this.form = other.form;
    this.connections = other.connections;
    this.budget = other.budget;
    this.lockTimeout = other.lockTimeout;
    this.statementTimeout = other.statementTimeout;
    this.truststore = other.truststore;
    this.properties = other.properties;
  }

  static Given table(LocalPostgres database, String table) {
    return new Given(database.url(), Optional.of(database.user()), table);
  }

  static Given table(LocalMariaDb database, String table) {
    return new Given(database.url(), Optional.of(database.user()), table);
  }

  /** In a new database of each kind. */
  static Given table(Dialect dialect, String table) {
    return switch (dialect) {
      case POSTGRESQL -> table(LocalPostgres.shared(), table);
      case MARIADB -> table(LocalMariaDb.shared(), table);
      case H2 -> new Given("jdbc:h2:mem:" + table + ";DB_CLOSE_DELAY=-1", Optional.empty(), table);
      case SQLITE ->
          new Given(
              "jdbc:sqlite:" + Folders.temporary("sqlite").resolve(table + ".db"),
              Optional.empty(),
              table);
    };
  }

  Given at(String otherUrl) {
    Given next = new Given(this);
    next.url = otherUrl;
    return next;
  }

  Given as(String name, Path secret) {
    Given next = new Given(this);
    next.user = Optional.of(name);
    next.password = Optional.of(Secret.of("${file:" + secret + "}"));
    return next;
  }

  Given nobody() {
    Given next = new Given(this);
    next.user = Optional.empty();
    return next;
  }

  Given keys(String... names) {
    Given next = new Given(this);
    next.keys = List.of(names);
    return next;
  }

  Given orderBy(String... names) {
    Given next = new Given(this);
    next.orderBy = List.of(names);
    return next;
  }

  Given deleteWhen(String condition) {
    Given next = new Given(this);
    next.deleteWhen = Optional.of(condition);
    return next;
  }

  Given keeping() {
    Given next = new Given(this);
    next.existing = JdbcSettings.Existing.KEEP;
    return next;
  }

  Given columns(String... names) {
    Given next = new Given(this);
    next.columns = List.of(names);
    return next;
  }

  Given never() {
    Given next = new Given(this);
    next.create = JdbcSettings.Create.NEVER;
    return next;
  }

  Given staged() {
    Given next = new Given(this);
    next.form = JdbcSettings.Form.STAGED;
    return next;
  }

  Given connections(int most) {
    Given next = new Given(this);
    next.connections = most;
    return next;
  }

  Given budget(int all) {
    Given next = new Given(this);
    next.budget = Optional.of(all);
    return next;
  }

  Given locks(Duration wait) {
    Given next = new Given(this);
    next.lockTimeout = wait;
    return next;
  }

  Given runs(Duration most) {
    Given next = new Given(this);
    next.statementTimeout = Optional.of(most);
    return next;
  }

  Given trusting(Path file) {
    Given next = new Given(this);
    next.truststore = Optional.of(file.toString());
    return next;
  }

  Given property(String name, String value) {
    Given next = new Given(this);
    next.properties = Map.of(name, value);
    return next;
  }

  JdbcSettings settings() {
    return new JdbcSettings(
        url,
        user,
        password,
        table,
        keys,
        orderBy,
        deleteWhen,
        existing,
        columns,
        create,
        form,
        connections,
        budget,
        Duration.ofSeconds(2),
        lockTimeout,
        statementTimeout,
        Duration.ZERO,
        Duration.ofMinutes(10),
        truststore,
        properties);
  }

  JdbcSink sink() {
    return new JdbcSink(settings());
  }
}
