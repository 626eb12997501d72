package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Places;
import io.millrace.engine.spi.Reject;
import io.millrace.engine.spi.SourceRecord;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * The rows that a sink left out: written in the transaction of their batch into a table beside the
 * ledger, and marked when they are among the dead letters.
 */
final class Rejects {
  static final String NAME = "millrace_rejects";

  private final Dialect dialect;
  private final TableName table;
  private final Identity who;

  Rejects(Dialect dialect, TableName target, Identity who) {
    this.dialect = dialect;
    this.table = target.beside(NAME);
    this.who = who;
  }

  /** Creates the table where it is not there. */
  void create(Connection connection) throws SQLException {
    Dialect.Own own = dialect.own();
    Tables.create(
        dialect,
        connection,
        table,
        ("create table if not exists %1$s (\"job\" %2$s not null, \"sink\" %2$s not null,"
                + " \"query_id\" varchar(36) not null, \"epoch\" bigint not null, \"batch\" bigint not"
                + " null, \"number\" bigint not null, \"attempt\" varchar(36) not null, \"refused_at\""
                + " %4$s not null, \"rule\" varchar(100) not null, \"reason\" %3$s not null, \"raw\""
                + " %3$s not null, \"forwarded_at\" %4$s, primary key (\"job\", \"sink\","
                + " \"query_id\", \"batch\", \"epoch\", \"number\"))%5$s")
            .formatted(table.sql(), own.name(), own.text(), own.time(), own.end()));
    // A table of before lacks them.
    for (String column :
        List.of(
            "coordinates " + own.text(),
            "source_key " + own.bytes(),
            "source_raw " + own.bytes())) {
      Tables.add(connection, table, column);
    }
  }

  /** Adds those of a batch; part of its transaction. */
  void write(Connection connection, long batch, long epoch, List<Reject> rejects)
      throws SQLException {
    if (rejects.isEmpty()) {
      return;
    }
    String insert =
        ("insert into %s (\"job\", \"sink\", \"query_id\", \"batch\", \"epoch\", \"number\","
                + " \"attempt\", \"refused_at\", \"rule\", \"reason\", \"raw\","
                + " \"coordinates\", \"source_key\", \"source_raw\")"
                + " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
            .formatted(table.sql());
    try (PreparedStatement statement = connection.prepareStatement(insert)) {
      long number = 0;
      for (Reject reject : rejects) {
        batchOf(statement, batch);
        statement.setLong(5, epoch);
        statement.setLong(6, number++);
        statement.setString(7, reject.attempt().toString());
        statement.setObject(8, dialect.time(reject.time()));
        statement.setString(9, reject.rule());
        statement.setString(10, reject.reason());
        statement.setString(11, reject.row());
        SourceRecord from = reject.from();
        statement.setString(12, from == null ? null : from.coordinates());
        statement.setBytes(13, from == null ? null : from.key());
        statement.setBytes(14, from == null ? null : from.raw());
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  private void batchOf(PreparedStatement statement, long batch) throws SQLException {
    statement.setString(1, who.job());
    statement.setString(2, who.sink());
    statement.setString(3, who.queryId().toString());
    statement.setLong(4, batch);
  }

  /** Those of a batch that nobody has forwarded. */
  List<Reject> waiting(Connection connection, long batch) throws SQLException {
    String query =
        ("select \"attempt\", \"refused_at\", \"rule\", \"reason\", \"raw\", \"coordinates\","
                + " \"source_key\", \"source_raw\" from %s where %s order by \"epoch\", \"number\"")
            .formatted(table.sql(), waiting());
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      batchOf(statement, batch);
      List<Reject> rejects = new ArrayList<>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          rejects.add(
              new Reject(
                  UUID.fromString(row.getString(1)),
                  dialect.time(row, 2).orElseThrow(),
                  row.getString(3),
                  row.getString(4),
                  row.getString(5),
                  Places.NOWHERE,
                  SourceRecord.of(row.getString(6), row.getBytes(7), row.getBytes(8))));
        }
      }
      return rejects;
    }
  }

  private static String waiting() {
    return "\"job\" = ? and \"sink\" = ? and \"query_id\" = ? and \"batch\" = ?"
        + " and \"forwarded_at\" is null";
  }

  /** Marks those of a batch. */
  void forwarded(Connection connection, long batch) throws SQLException {
    String update = "update %s set \"forwarded_at\" = ? where %s".formatted(table.sql(), waiting());
    try (PreparedStatement statement = connection.prepareStatement(update)) {
      statement.setObject(1, dialect.time(Instant.now()));
      statement.setString(2, who.job());
      statement.setString(3, who.sink());
      statement.setString(4, who.queryId().toString());
      statement.setLong(5, batch);
      statement.executeUpdate();
    }
  }
}
