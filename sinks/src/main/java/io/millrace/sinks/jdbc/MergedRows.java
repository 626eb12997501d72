package io.millrace.sinks.jdbc;

import io.millrace.sinks.pool.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Rows on their way into a table by their keys, a chunk after another, where the database is not
 * PostgreSQL. Each chunk waits in a table of the connection's own, in which the row that counts is
 * found for each key. Not for two threads.
 */
final class MergedRows {
  private static final String WAITING = "\"millrace_batch\"";

  /** A row of this key is there. */
  private static final String THERE = "23505";

  private final Connection connection;
  private final Merging merging;
  private final Target target;
  private final List<String> statements;
  private final String insert;

  private MergedRows(Connection connection, Dialect dialect, Merging merging, Target target) {
    this.connection = connection;
    this.merging = merging;
    this.target = target;
    this.statements = statements(dialect, merging, target);
    List<String> columns = new ArrayList<>(target.names());
    columns.addAll(List.of("_number", "_gone"));
    this.insert = Dialect.insert(WAITING, columns);
  }

  /** Those of a table with keys, if this is how they come into it. */
  static Optional<MergedRows> of(Connection connection, Dialect dialect, Target target) {
    return target.keys().isEmpty()
        ? Optional.empty()
        : Merging.of(dialect).map(merging -> new MergedRows(connection, dialect, merging, target));
  }

  /** Makes the table in which rows wait, before anything else is done in the transaction. */
  void begin() throws SQLException {
    for (String statement : merging.temporary(target, WAITING)) {
      Tables.execute(connection, statement);
    }
  }

  /** Writes rows of which several may have the same key; how many it inserted or changed. */
  long write(List<PlainValues.Values> chunk) throws SQLException {
    Tables.execute(connection, "delete from " + WAITING);
    PlainValues.insert(connection, insert, chunk);
    try {
      return move();
    } catch (SQLException e) {
      if (!SqlState.of(e).equals(THERE)) {
        throw e;
      }
      // Another transaction may have put it there just now, and it is found this time.
      return move();
    }
  }

  /** The last of them counts what it inserted. */
  private long move() throws SQLException {
    long last = 0;
    try (Statement statement = connection.createStatement()) {
      for (String each : statements) {
        last = statement.executeLargeUpdate(each);
      }
    }
    return last;
  }

  private static List<String> statements(Dialect dialect, Merging merging, Target target) {
    String newest =
        "select * from (select %1$s.*, row_number() over (partition by %2$s order by %3$s) as \"_turn\" from %1$s) as \"turns\" where \"_turn\" = 1"
            .formatted(WAITING, Dialect.names(target.keys()), KeyedRows.rank(target));
    Merging.Into into =
        new Merging.Into(
            target.table(), target.names(), target.keys(), target.changes().order(), false);
    if (target.changes().keeps()) {
      return merging.insert(into, newest);
    }
    if (!target.deletes()) {
      return merging.upsert(dialect, into, newest);
    }
    String gone = newest + " and \"_gone\" = 1";
    Optional<Deletes> deletes = Deletes.of(target);
    List<String> all = new ArrayList<>(merging.delete(into, gone));
    deletes.ifPresent(known -> all.addAll(merging.upsert(dialect, known.into(), gone)));
    String left =
        newest
            + " and \"_gone\" = 0"
            + deletes.map(known -> " and " + known.unknown("\"turns\"")).orElse("");
    all.addAll(merging.upsert(dialect, into, left));
    return all;
  }
}
