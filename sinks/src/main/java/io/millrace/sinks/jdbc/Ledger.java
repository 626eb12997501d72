package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Origin;
import io.millrace.engine.spi.Tenure;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What a sink has: one row for each job and sink, written in the transaction of the batch. */
final class Ledger {
  static final String NAME = "millrace_ledger";

  private final Dialect dialect;
  private final TableName table;
  private final Identity who;

  Ledger(Dialect dialect, TableName target, Identity who) {
    this.dialect = dialect;
    this.table = target.beside(NAME);
    this.who = who;
  }

  /** What the ledger has; empty also where there is no ledger. */
  Optional<Held> held(Connection connection) throws SQLException {
    if (Tables.find(dialect, connection, table).isEmpty()) {
      return Optional.empty();
    }
    return read(connection, "", Tables.has(connection, table, "digest"));
  }

  /** Makes the row say that all batches up to this one are there, and fences whoever writes now. */
  void adopt(Connection connection, long batch) throws SQLException {
    addOrigins(connection);
    lock(connection);
    update(
        connection,
        "update %s set \"query\" = ?, \"query_id\" = ?, \"last_batch\" = ?,"
            + " \"epoch\" = \"epoch\" + 1, \"offsets\" = null, \"plan\" = null,"
            + " \"digest\" = null where \"job\" = ? and \"sink\" = ?",
        who.query(),
        who.queryId().toString(),
        batch,
        who.job(),
        who.sink());
  }

  /** Creates the ledger where it is not there. */
  void create(Connection connection) throws SQLException {
    Dialect.Own own = dialect.own();
    Tables.create(
        dialect,
        connection,
        table,
        "create table if not exists "
            + table.sql()
            + (" (\"job\" %1$s not null, \"sink\" %1$s not null, \"query\" %1$s not null,"
                    + " \"query_id\" varchar(36) not null, \"epoch\" bigint not null, \"last_batch\""
                    + " bigint not null, \"rows\" bigint not null, \"version\" varchar(100) not"
                    + " null, \"committed_at\" %2$s, \"offsets\" %3$s, \"plan\" varchar(100),"
                    + " \"digest\" bigint, primary key (\"job\", \"sink\"))%4$s")
                .formatted(own.name(), own.time(), own.text(), own.end()));
    addOrigins(connection);
  }

  /** To a ledger from before there were any. */
  private void addOrigins(Connection connection) throws SQLException {
    String text = dialect.own().text();
    for (String column : List.of("offsets " + text, "plan varchar(100)", "digest bigint")) {
      Tables.add(connection, table, column);
    }
  }

  /**
   * Starts a new epoch.
   *
   * @throws IllegalStateException if the batches in the ledger are those of another checkpoint
   */
  Tenure raise(Connection connection) throws SQLException {
    Optional<Held> before = lock(connection);
    Held next = Tenure.begin(who, before, "ledger " + table, anew());
    if (before.isEmpty()) {
      update(
          connection,
          "insert into %s (\"query\", \"query_id\", \"epoch\", \"last_batch\", \"rows\","
              + " \"version\", \"job\", \"sink\") values (?, ?, ?, -1, 0, ?, ?, ?)",
          who.query(),
          who.queryId().toString(),
          next.epoch(),
          version(),
          who.job(),
          who.sink());
    } else {
      update(
          connection,
          "update %s set \"query\" = ?, \"query_id\" = ?, \"epoch\" = ?"
              + " where \"job\" = ? and \"sink\" = ?",
          who.query(),
          who.queryId().toString(),
          next.epoch(),
          who.job(),
          who.sink());
    }
    return Tenure.of(who, next);
  }

  /**
   * The row as it is committed.
   *
   * @throws IllegalStateException if the batches in the ledger are those of another checkpoint
   */
  Optional<Held> committed(Connection connection) throws SQLException {
    Optional<Held> found = read(connection, "");
    found.ifPresent(held -> Tenure.refuseOther(who, held, "ledger " + table, anew()));
    return found;
  }

  /** The row, which no other transaction can change until this one ends. */
  Optional<Held> lock(Connection connection) throws SQLException {
    if (!dialect.own().lock().isEmpty()) {
      return read(connection, dialect.own().lock());
    }
    update(
        connection,
        "update %s set \"epoch\" = \"epoch\" where \"job\" = ? and \"sink\" = ?",
        who.job(),
        who.sink());
    return read(connection, "");
  }

  void write(Connection connection, long batch, long rows, Optional<Origin> origin)
      throws SQLException {
    update(
        connection,
        "update %s set \"last_batch\" = ?, \"rows\" = ?, \"version\" = ?, \"committed_at\" = ?,"
            + " \"offsets\" = ?, \"plan\" = ?, \"digest\" = ?"
            + " where \"job\" = ? and \"sink\" = ?",
        batch,
        rows,
        version(),
        dialect.time(Instant.now()),
        origin.map(Origin::offsets).orElse(null),
        origin.map(Origin::plan).orElse(null),
        origin.flatMap(Origin::digest).orElse(null),
        who.job(),
        who.sink());
  }

  private String anew() {
    return "the rows of before left in the table, delete from %s where job = '%s' and sink = '%s'"
        .formatted(table, who.job(), who.sink());
  }

  private Optional<Held> read(Connection connection, String lock) throws SQLException {
    return read(connection, lock, true);
  }

  /**
   * The row.
   *
   * @param origins whether the table has columns for them
   */
  private Optional<Held> read(Connection connection, String lock, boolean origins)
      throws SQLException {
    String query =
        ("select \"query_id\", \"epoch\", \"last_batch\", \"rows\", \"committed_at\", %s from %s"
                    + " where \"job\" = ? and \"sink\" = ?")
                .formatted(
                    origins ? "\"offsets\", \"plan\", \"digest\"" : "null, null, null", table.sql())
            + lock;
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      statement.setString(1, who.job());
      statement.setString(2, who.sink());
      try (ResultSet result = statement.executeQuery()) {
        return result.next() ? Optional.of(toHeld(result)) : Optional.empty();
      }
    }
  }

  private Held toHeld(ResultSet row) throws SQLException {
    return new Held(
        UUID.fromString(row.getString(1)),
        row.getLong(2),
        row.getLong(3),
        Optional.of(row.getLong(4)),
        dialect.time(row, 5),
        origin(row));
  }

  private static Optional<Origin> origin(ResultSet row) throws SQLException {
    String offsets = row.getString(6);
    return offsets == null
        ? Optional.empty()
        : Optional.of(new Origin(offsets, row.getString(7), Optional.of(row.getLong(8))));
  }

  private void update(Connection connection, String sql, @Nullable Object... values)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql.formatted(table.sql()))) {
      for (int at = 0; at < values.length; at++) {
        statement.setObject(at + 1, values[at]);
      }
      statement.executeUpdate();
    }
  }

  private static String version() {
    String version = Ledger.class.getPackage().getImplementationVersion();
    return version == null ? "unreleased" : version;
  }
}
