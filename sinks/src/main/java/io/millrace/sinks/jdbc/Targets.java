package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Write;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.sql.types.StructType;

/** The tables that the tasks of this JVM write into, looked up once for each start of a query. */
final class Targets {
  private static final Map<Wanted, Target> KNOWN = new ConcurrentHashMap<>();

  private Targets() {}

  private record Wanted(JdbcSettings settings, Identity who, Write write, StructType rows) {}

  /** The table of a task; its driver has made it ready. */
  static Target of(JdbcSettings settings, Attempt attempt) {
    Wanted wanted = new Wanted(settings, attempt.who(), attempt.how().write(), attempt.rows());
    return KNOWN.computeIfAbsent(wanted, Targets::find);
  }

  /** What a start on this JVM found, in place of what an earlier one did. */
  static void put(
      JdbcSettings settings, Identity who, Write write, StructType rows, Target target) {
    KNOWN.put(new Wanted(settings, who, write, rows), target);
  }

  private static Target find(Wanted wanted) {
    JdbcSettings settings = wanted.settings();
    return settings
        .pool()
        .borrow(
            connection -> {
              try {
                return new Tables(settings, wanted.rows())
                    .target(connection, wanted.who(), wanted.write());
              } catch (SQLException e) {
                throw Refusal.of(settings, e);
              }
            });
  }
}
