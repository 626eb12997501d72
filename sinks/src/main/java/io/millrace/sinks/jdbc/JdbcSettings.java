package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Packed;
import io.millrace.engine.spi.Secret;
import io.millrace.sinks.pool.Database;
import java.io.Serializable;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which table gets the rows, and how. */
public record JdbcSettings(
    @Doc(
            "The database: a URL of PostgreSQL, H2 or SQLite, without user and password. The driver"
                + " of PostgreSQL is there; bring the one of H2 or SQLite by --jars.")
        String url,
    @Doc("The user that logs in.") Optional<String> user,
    @Doc("The password of the user.") Optional<Secret> password,
    @Doc(
            "The table, or schema.table, in the letters of the database or of any other case. A part"
                + " with a dot or a quote in it is written as in SQL: \"a.b\".")
        String table,
    @Doc("The columns that identify a row: needed for upsert, and the primary key of a new table.")
        List<String> keys,
    @Doc("The columns that are written. All but those that start with an underscore if left out.")
        List<String> columns,
    @Doc("Whether a missing table is created.") @Default("if-missing") Create create,
    @Doc(
            "How rows reach the database: direct, by tasks into the transaction of the driver, where"
                + " they share a JVM; staged, by tasks anywhere, which return up to 64 KB to the"
                + " driver and write more into a table of their own beside the ledger, for"
                + " PostgreSQL; auto chooses.")
        @Default("auto")
        Form form,
    @Doc("How many connections one JVM keeps to this database.") @Default("8") int connections,
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
    @Doc("More properties of the driver, such as sslmode.") Map<String, String> properties)
    implements Serializable {

  /** What to do about a table that is not there. */
  public enum Create {
    IF_MISSING,
    NEVER
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
    columns = List.copyOf(columns);
    properties = Map.copyOf(properties);
    if (new HashSet<>(keys).size() < keys.size()) {
      throw new IllegalArgumentException("Cannot use a column twice in keys: " + keys);
    }
    for (String key : keys) {
      if (!columns.isEmpty() && !columns.contains(key)) {
        throw new IllegalArgumentException(
            "Missing key column " + key + " among columns: " + String.join(", ", columns));
      }
    }
    if (form == Form.STAGED && !url.startsWith("jdbc:postgresql:")) {
      throw new IllegalArgumentException(
          "Cannot stage rows in this database, only in PostgreSQL. Use form: direct");
    }
    new Database(url, user, password, connections, patience, properties);
  }

  Database database() {
    return new Database(url, user, password, connections, patience, properties);
  }

  private Object writeReplace() {
    return Packed.of(this);
  }
}
