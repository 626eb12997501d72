package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.OffsetLedger.Offsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which offset comes next, for each job, sink and partition of a topic. One more row for each job
 * and sink, of no topic, has the epoch of the start that may write.
 */
record OffsetTable(TableName table, Identity who) {
  private static final String NAME = "millrace_offsets";

  private static final String ROW =
      " \"job\" = ? and \"sink\" = ? and \"topic\" = ? and \"partition\" = ?";

  /** The row that is no partition. */
  private static final int START = -1;

  OffsetTable(TableName table, Identity who) {
    this.table = table.beside(NAME);
    this.who = who;
  }

  /** Creates the table where it is not there. */
  void create(Connection connection) throws SQLException {
    Tables.create(
        Dialect.POSTGRESQL,
        connection,
        table,
        "create table if not exists "
            + table.sql()
            + " (\"job\" varchar(200) not null, \"sink\" varchar(200) not null, \"topic\" varchar(300)"
            + " not null, \"partition\" int not null, \"query_id\" varchar(36) not null, \"epoch\""
            + " bigint not null, \"next\" bigint not null, \"written_at\" timestamptz not null"
            + " default now(), primary key (\"job\", \"sink\", \"topic\", \"partition\"))");
  }

  /** What is there as committed; empty also where there is no table. */
  Optional<Offsets> held(Connection connection) throws SQLException {
    if (Tables.find(Dialect.POSTGRESQL, connection, table).isEmpty()) {
      return Optional.empty();
    }
    String query =
        "select \"topic\", \"partition\", \"next\", \"query_id\" from %s where \"job\" = ? and"
            + " \"sink\" = ?";
    Map<String, Map<Integer, Long>> next = new LinkedHashMap<>();
    UUID id = null;
    try (PreparedStatement statement = prepared(connection, query, who.job(), who.sink());
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        id = UUID.fromString(row.getString(4));
        if (row.getInt(2) != START) {
          next.computeIfAbsent(row.getString(1), topic -> new LinkedHashMap<>())
              .put(row.getInt(2), row.getLong(3));
        }
      }
    }
    return id == null ? Optional.empty() : Optional.of(new Offsets(id, next));
  }

  /** Starts a new epoch, so that writers of earlier starts can commit nothing more. */
  long raise(Connection connection) throws SQLException {
    update(
        connection,
        "insert into %s (\"job\", \"sink\", \"topic\", \"partition\", \"query_id\", \"epoch\","
            + " \"next\") values (?, ?, '', -1, ?, 0, 0) on conflict do nothing",
        who.job(),
        who.sink(),
        who.queryId().toString());
    String query = "select \"epoch\" from %s where" + ROW + " for update";
    long epoch = number(connection, query, who.job(), who.sink(), "", START).orElseThrow() + 1;
    update(
        connection,
        "update %s set \"epoch\" = ?, \"query_id\" = ? where \"job\" = ? and \"sink\" = ?",
        epoch,
        who.queryId().toString(),
        who.job(),
        who.sink());
    return epoch;
  }

  /**
   * The offset that comes next of a partition.
   *
   * @param from what it is where nothing is known yet
   * @throws IllegalStateException if a later start has taken over
   */
  long claim(Connection connection, long epoch, String topic, int partition, long from)
      throws SQLException {
    String start = "select \"epoch\" from %s where" + ROW + " for share";
    long now = number(connection, start, who.job(), who.sink(), "", START).orElse(-1L);
    if (now != epoch) {
      throw fenced(epoch);
    }
    update(
        connection,
        "insert into %s (\"job\", \"sink\", \"topic\", \"partition\", \"query_id\", \"epoch\","
            + " \"next\") values (?, ?, ?, ?, ?, ?, ?) on conflict do nothing",
        who.job(),
        who.sink(),
        topic,
        partition,
        who.queryId().toString(),
        epoch,
        from);
    String next = "select \"next\" from %s where" + ROW;
    return number(connection, next, who.job(), who.sink(), topic, partition).orElseThrow();
  }

  /**
   * Notes the next offset, in the transaction of the rows before it.
   *
   * @param from what this writer has noted last
   * @throws IllegalStateException if a later start, or another writer, has taken over
   */
  void advance(Connection connection, long epoch, String topic, int partition, long from, long to)
      throws SQLException {
    int rows =
        update(
            connection,
            "update %s set \"next\" = ?, \"written_at\" = now() where"
                + ROW
                + " and \"epoch\" = ? and \"next\" = ?",
            to,
            who.job(),
            who.sink(),
            topic,
            partition,
            epoch,
            from);
    if (rows != 1) {
      throw fenced(epoch);
    }
  }

  private IllegalStateException fenced(long epoch) {
    return new IllegalStateException(
        "Cannot write to sink %s: fenced by a later start or writer, this start has epoch %d"
            .formatted(who.sink(), epoch));
  }

  private Optional<Long> number(Connection connection, String query, @Nullable Object... values)
      throws SQLException {
    try (PreparedStatement statement = prepared(connection, query, values);
        ResultSet row = statement.executeQuery()) {
      return row.next() ? Optional.of(row.getLong(1)) : Optional.empty();
    }
  }

  private int update(Connection connection, String sql, @Nullable Object... values)
      throws SQLException {
    try (PreparedStatement statement = prepared(connection, sql, values)) {
      return statement.executeUpdate();
    }
  }

  private PreparedStatement prepared(Connection connection, String sql, @Nullable Object... values)
      throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql.formatted(table.sql()));
    for (int at = 0; at < values.length; at++) {
      statement.setObject(at + 1, values[at]);
    }
    return statement;
  }
}
