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
    return Dialect.of(settings.url()).limits(settings.lockTimeout().toMillis(), run(settings));
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
