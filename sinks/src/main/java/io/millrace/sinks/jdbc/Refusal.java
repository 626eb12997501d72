package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Causes;
import io.millrace.sinks.pool.DatabaseException;
import io.millrace.sinks.pool.SqlState;
import java.sql.SQLException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * What a database that refused says, in a sentence with the table, the place and what would work.
 */
final class Refusal {
  private static final Pattern PLACE =
      Pattern.compile("(?m)^COPY .*?, line (\\d+)(?:, column ([^:\n]+))?");

  /** MariaDB's driver puts the number of the connection before what the server says. */
  private static final String CONNECTION = "^\\(conn=\\d+\\) ";

  private Refusal() {}

  static DatabaseException of(JdbcSettings settings, SQLException e) {
    String said = said(e);
    return new DatabaseException(
        "Cannot write to the table %s in %s: %s%s%s"
            .formatted(
                TableName.of(settings.table()),
                settings.database().place(),
                said,
                place(e).orElse(""),
                cure(settings, e).map(cure -> ". " + cure).orElse("")),
        e);
  }

  /** What is wrong with a row, without the place of the table. */
  static String fault(SQLException e) {
    return said(e) + column(e).map(name -> ", column " + name).orElse("");
  }

  private static String state(SQLException e) {
    return SqlState.of(e);
  }

  /** What the database says. */
  static String said(SQLException e) {
    Optional<ServerErrorMessage> server = server(e);
    if (server.isPresent()) {
      String detail =
          Optional.ofNullable(server.get().getDetail()).map(text -> ", " + text).orElse("");
      return line(server.get().getMessage() + detail);
    }
    SQLException next = e.getNextException();
    return line(String.valueOf(e.getMessage()) + (next == null ? "" : " " + next.getMessage()));
  }

  private static Optional<ServerErrorMessage> server(SQLException e) {
    return e instanceof PSQLException refused
        ? Optional.ofNullable(refused.getServerErrorMessage())
        : Optional.empty();
  }

  private static String line(String text) {
    String first = text.strip().replaceFirst(CONNECTION, "").lines().findFirst().orElse("unknown");
    return Causes.clause(first);
  }

  private static Optional<String> column(SQLException e) {
    return server(e)
        .flatMap(message -> Optional.ofNullable(message.getWhere()))
        .map(PLACE::matcher)
        .filter(Matcher::find)
        .flatMap(found -> Optional.ofNullable(found.group(2)));
  }

  /** The row is counted in the order in which the tasks of a batch came to write. */
  private static Optional<String> place(SQLException e) {
    return server(e)
        .flatMap(message -> Optional.ofNullable(message.getWhere()))
        .map(PLACE::matcher)
        .filter(Matcher::find)
        .map(
            found ->
                Optional.ofNullable(found.group(2)).map(name -> ", column " + name).orElse("")
                    + ", row "
                    + found.group(1)
                    + " of the batch");
  }

  /** Whether the connection is gone, and with it what was not committed. */
  static boolean disconnects(SQLException e) {
    String state = state(e);
    return state.startsWith("08") || state.startsWith("57P");
  }

  private static Optional<String> cure(JdbcSettings settings, SQLException e) {
    if (disconnects(e)) {
      return Optional.of(
          "When it is back, start the job again: the ledger knows whether the batch is there");
    }
    return Optional.ofNullable(
        switch (state(e)) {
          case "22001" -> "Cut the value before, or widen the column";
          case "22003" -> "Cast or filter the value before, or widen the column";
          case "22021", "22P02", "22P03", "22P05" -> "Cast or replace the value before";
          case "23505" ->
              "Use write: upsert with keys of this index, or take repetitions out before";
          case "23502", "23503", "23514", "23P01" ->
              "Take such rows out before, for example by validate";
          case "25006" -> "Use the primary server";
          case "3F000" -> "Create the schema before";
          case "40001", "40P01" -> "Start the job again";
          case "42501" -> "Grant it to the user " + settings.user().orElse("of the connection");
          case "55P03" ->
              "Another transaction holds a lock on it. End that one, or raise lock-timeout, which is %d ms"
                  .formatted(settings.lockTimeout().toMillis());
          case "57014" ->
              settings
                  .statementTimeout()
                  .map(
                      limit ->
                          "Raise statement-timeout, which is %d ms".formatted(limit.toMillis()))
                  .orElse("Somebody cancelled it at the server. Start the job again");
          default -> null;
        });
  }
}
