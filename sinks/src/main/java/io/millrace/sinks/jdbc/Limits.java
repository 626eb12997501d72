package io.millrace.sinks.jdbc;

import io.millrace.sinks.pool.DatabaseException;
import io.millrace.sinks.pool.JdbcPool;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/** For how long statements wait for locks, and run, as the settings of a sink say. */
final class Limits {
  private Limits() {}

  /** Statements that a transaction begins with. */
  static List<String> of(JdbcSettings settings) {
    long wait = settings.lockTimeout().toMillis();
    long run = run(settings);
    return switch (Dialect.of(settings.url())) {
      case POSTGRESQL ->
          List.of(
              "set local lock_timeout = %d; set local statement_timeout = %d".formatted(wait, run));
      case H2 -> List.of("set lock_timeout " + wait, "set query_timeout " + run);
      case SQLITE -> List.of("pragma busy_timeout = " + wait);
    };
  }

  /** For how many milliseconds a statement may run; 0 for as long as it takes. */
  static long run(JdbcSettings settings) {
    return settings.statementTimeout().map(Duration::toMillis).orElse(0L);
  }

  /**
   * A transaction within these limits.
   *
   * @param refusal what a failure of the database means
   */
  static <T> T inTransaction(
      JdbcSettings settings,
      JdbcPool.Work<T> work,
      Function<SQLException, DatabaseException> refusal) {
    return settings
        .pool()
        .inTransaction(
            connection -> {
              try {
                for (String limit : of(settings)) {
                  Tables.execute(connection, limit);
                }
                return work.with(connection);
              } catch (SQLException e) {
                throw refusal.apply(e);
              }
            });
  }
}
