package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Packed;
import io.millrace.engine.spi.Secret;
import io.millrace.sinks.encode.Condition;
import io.millrace.sinks.pool.Budget;
import io.millrace.sinks.pool.Database;
import io.millrace.sinks.pool.JdbcPool;
import io.millrace.sinks.pool.Pools;
import java.io.Serializable;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/** Which table gets the rows, and how. */
public record JdbcSettings(
    @Doc(
            "The database: a URL of PostgreSQL, MariaDB, H2 or SQLite, without user and password."
                + " The driver of PostgreSQL is there; bring that of another by --jars. In MariaDB"
                + " all tables have to be of InnoDB.")
        String url,
    @Doc("The user that logs in.") Optional<String> user,
    @Doc("The password of the user.") Optional<Secret> password,
    @Doc(
            "The table, or schema.table, in the letters of the database or of any other case. A"
                + " part with a dot or a quote in it is written as in SQL: \"a.b\".")
        String table,
    @Doc(
            "The columns that identify a row: needed for upsert and merge, and the primary key of a"
                + " new table.")
        List<String> keys,
    @Doc(
            "The columns that tell which of two rows of a key is newer, the first one first, such"
                + " as [updated_at, version], in the order that the table's columns have. A row"
                + " that is older than the one in the table changes nothing, in whichever batch it"
                + " comes. Of rows that are equal here a delete wins, then the one that comes"
                + " later. A row that is NULL here is refused as faulty; a row of the table that"
                + " is, is the oldest. Left out, the row that comes last wins, which holds within a"
                + " partition of the source only.")
        List<String> orderBy,
    @Doc(
            "For merge: a condition that holds for the rows that delete, such as op ="
                + " 'd'. With order-by, their keys and order-by columns are kept in the table"
                + " millrace_deletes_<table> beside the ledger, for good, so that a row that is not"
                + " newer but comes later stays out; this holds as long as one sink writes the"
                + " table. Without, what comes behind a delete is inserted again.")
        Optional<String> deleteWhen,
    @Doc(
            "For upsert: what becomes of a row whose key is there: it replaces the one"
                + " of the table; or keep leaves that one as it is, and counts the new one as"
                + " already there. Of several new rows of a key the first that comes is then"
                + " inserted.")
        @Default("replace")
        Existing existing,
    @Doc("The columns that are written. All but those that start with an underscore if left out.")
        List<String> columns,
    @Doc("Whether a missing table is created.") @Default("if-missing") Create create,
    @Doc(
            "How rows reach the database: direct, by tasks into the transaction of the driver,"
                + " where they share a JVM; staged, by tasks anywhere, which return up to 64 KB to"
                + " the driver and write more into a table of their own beside the ledger, for"
                + " PostgreSQL; auto chooses.")
        @Default("auto")
        Form form,
    @Doc("How many connections one JVM keeps to this database.") @Default("8") int connections,
    @Doc(
            "How many connections all executors of a cluster keep to this database together, in"
                + " place of connections: each gets the same share, at least one. The driver keeps"
                + " as many as an executor beside them. On a local master the one JVM gets all.")
        Optional<Integer> budget,
    @Doc("How long to wait for a free connection.") @Default("30s") Duration patience,
    @Doc("How long a statement waits for a lock of another transaction.") @Default("30s")
        Duration lockTimeout,
    @Doc("How long a statement may run, except the stream of rows itself. No limit if left out.")
        Optional<Duration> statementTimeout,
    @Doc(
            "For how long a batch is tried again while the database is away, refuses the login, is"
                + " full, locked or out of connections; then the job stops. 0s stops at once.")
        @Default("5m")
        Duration retry,
    @Doc("How long a connection stays open that nothing uses: 10s or more.") @Default("10m")
        Duration idleTimeout,
    @Doc(
            "A PEM file of trusted certificates, on each machine that has tasks: connections are"
                + " then made by TLS alone, to a server whose certificate one of them has signed"
                + " and which names its host. For PostgreSQL and MariaDB, whose driver also takes a"
                + " certificate that none of them has signed, or that has expired, from a server"
                + " that proves to know the user's password.")
        Optional<String> truststore,
    @Doc("More properties of the driver, such as sslmode.") Map<String, String> properties)
    implements Serializable {

  /** What to do about a table that is not there. */
  public enum Create {
    IF_MISSING,
    NEVER
  }

  /** What becomes of a row of the table whose key comes again. */
  public enum Existing {
    REPLACE,
    KEEP
  }

  /** How rows reach the database. */
  public enum Form {
    AUTO,
    DIRECT,
    STAGED
  }

  /** Checks what can be checked without the database. */
  public JdbcSettings {
    TableName.of(table);
    keys = List.copyOf(keys);
    orderBy = List.copyOf(orderBy);
    columns = List.copyOf(columns);
    properties = Map.copyOf(properties);
    once("keys", keys);
    once("order-by", orderBy);
    written("key", keys, columns);
    written("order-by", orderBy, columns);
    for (String name : orderBy) {
      if (keys.contains(name)) {
        throw new IllegalArgumentException(
            "Cannot use the key column %s as order-by: rows of one key are equal in it. Name others"
                .formatted(name));
      }
    }
    deleteWhen.ifPresent(text -> Condition.check("delete-when", text));
    Dialect dialect = Dialect.of(url);
    if (statementTimeout.isPresent() && dialect == Dialect.SQLITE) {
      throw new IllegalArgumentException(
          "Cannot limit how long a statement of SQLite runs. Leave statement-timeout out");
    }
    if (form == Form.STAGED && dialect != Dialect.POSTGRESQL) {
      throw new IllegalArgumentException(
          "Cannot stage rows in this database, only in PostgreSQL. Use form: direct");
    }
    if (budget.filter(all -> all < 1).isPresent()) {
      throw new IllegalArgumentException("Expected a budget of 1 or more, found " + budget.get());
    }
    new Database(url, user, password, connections, patience, idleTimeout, truststore, properties);
  }

  private static void once(String setting, List<String> names) {
    if (new HashSet<>(names).size() < names.size()) {
      throw new IllegalArgumentException("Cannot use a column twice in " + setting + ": " + names);
    }
  }

  private static void written(String use, List<String> names, List<String> columns) {
    for (String name : names) {
      if (!columns.isEmpty() && !columns.contains(name)) {
        throw new IllegalArgumentException(
            "Missing " + use + " column " + name + " among columns: " + String.join(", ", columns));
      }
    }
  }

  Database database() {
    return new Database(
        url,
        user,
        password,
        budget.orElse(connections),
        patience,
        idleTimeout,
        truststore,
        properties);
  }

  /** What Spark's own reader needs beside the URL. */
  Properties login() {
    Properties login = new Properties();
    user.ifPresent(name -> login.setProperty("user", name));
    password.ifPresent(word -> login.setProperty("password", word.reveal()));
    database().told().forEach(login::setProperty);
    return login;
  }

  /** The pool of this JVM, no larger than its share of the budget. */
  JdbcPool pool() {
    JdbcPool pool = Pools.jdbc(database());
    budget.ifPresent(all -> pool.limit(Budget.here(all)));
    return pool;
  }

  private Object writeReplace() {
    return Packed.of(this);
  }
}
