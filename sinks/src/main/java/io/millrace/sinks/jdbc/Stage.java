package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Identity;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * The table in which rows of tasks wait for the commit of their batch, each under the attempt that
 * wrote it. It is PostgreSQL's, stands beside the ledger, and belongs to one sink of one job.
 */
final class Stage {
  private static final String NAME = "millrace_stage_";

  private final Target target;
  private final TableName table;

  Stage(Target target, Identity who) {
    this.target = target;
    String owner = who.job() + "\n" + who.sink() + "\n" + target.waiting();
    UUID name = UUID.nameUUIDFromBytes(owner.getBytes(StandardCharsets.UTF_8));
    this.table = target.table().beside(NAME + name.toString().replace("-", ""));
  }

  /** Creates the table where it is not there, and forgets what earlier starts left in it. */
  void create(Connection connection) throws SQLException {
    Tables.create(
        Dialect.POSTGRESQL,
        connection,
        table,
        ("create table if not exists %s (%s, \"_batch\" bigint not null default"
                + " current_setting('millrace.batch')::bigint, \"_attempt\" uuid not null"
                + " default current_setting('millrace.attempt')::uuid)")
            .formatted(table.sql(), target.waiting()));
    Tables.execute(connection, "delete from " + table.sql());
  }

  /** Lets the rows that follow in this transaction belong to an attempt at a batch. */
  void begin(Connection connection, long batch, UUID attempt) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select set_config('millrace.batch', ?, true), set_config('millrace.attempt', ?, true)")) {
      statement.setString(1, Long.toString(batch));
      statement.setString(2, attempt.toString());
      statement.execute();
    }
  }

  /** The statement that takes encoded rows. */
  String copyInto() {
    return "copy %s (%s) from stdin (format binary)".formatted(table.sql(), target.copied());
  }

  /** The rows of these attempts, as a query of the columns that a copy has. */
  String rows(long batch, List<UUID> attempts) {
    return "select %s %s".formatted(target.copied(), from(batch, attempts));
  }

  /** How many rows these attempts left. */
  long count(Connection connection, long batch, List<UUID> attempts) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("select count(*) " + from(batch, attempts))) {
      result.next();
      return result.getLong(1);
    }
  }

  private String from(long batch, List<UUID> attempts) {
    String list = attempts.stream().map(UUID::toString).collect(Collectors.joining(","));
    return "from %s where \"_batch\" = %d and \"_attempt\" = any ('{%s}'::uuid[])"
        .formatted(table.sql(), batch, list);
  }

  /** Takes out the rows of this batch and of those before, whichever attempt left them. */
  void clear(Connection connection, long batch) throws SQLException {
    Tables.execute(
        connection, "delete from %s where \"_batch\" <= %d".formatted(table.sql(), batch));
  }
}
