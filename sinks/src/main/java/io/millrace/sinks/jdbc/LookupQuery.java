package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Durations;
import io.millrace.sinks.pool.DatabaseException;
import io.millrace.sinks.pool.Pools;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks a database for the rows of many keys at once. */
final class LookupQuery {
  private static final Logger LOG = LoggerFactory.getLogger(LookupQuery.class);
  private static final Duration FIRST = Duration.ofMillis(250);
  private static final Duration LONGEST = Duration.ofSeconds(15);

  private final LookupJdbcStep.Settings settings;
  private final List<StructField> keys;
  private final StructType taken;
  private final LookupValues values;

  LookupQuery(LookupJdbcStep.Settings settings, List<StructField> keys) {
    this.settings = settings;
    this.keys = keys;
    this.taken = settings.taken();
    this.values = new LookupValues(Dialect.of(settings.url()));
  }

  /**
   * The rows of each key; a key without rows is not in it. Tries again while the database is away.
   *
   * @throws DatabaseException if it cannot be asked, or not in time
   */
  Map<List<Object>, List<Object[]>> rows(List<List<Object>> wanted) {
    long begun = System.nanoTime();
    Duration pause = FIRST;
    for (int tries = 1; ; tries++) {
      try {
        return Pools.jdbc(settings.database()).borrow(connection -> ask(connection, wanted));
      } catch (DatabaseException e) {
        Duration left = settings.retry().minusNanos(System.nanoTime() - begun);
        if (!e.passes()) {
          throw e;
        }
        if (left.isNegative() || left.isZero()) {
          throw new DatabaseException(
              "%s. It was tried %d times in %s"
                  .formatted(e.getMessage(), tries, Durations.text(settings.retry())),
              e);
        }
        if (tries == 1) {
          LOG.warn("{}. It is tried again for up to {}", e.getMessage(), Durations.text(left));
        }
        pause(pause.compareTo(left) < 0 ? pause : left);
        pause = pause.multipliedBy(2).compareTo(LONGEST) < 0 ? pause.multipliedBy(2) : LONGEST;
      }
    }
  }

  private static void pause(Duration time) {
    try {
      Thread.sleep(time.toMillis() + 1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Stopped while a database was away", e);
    }
  }

  private Map<List<Object>, List<Object[]>> ask(Connection connection, List<List<Object>> wanted)
      throws SQLException {
    int size = padded(wanted.size());
    try (PreparedStatement statement = connection.prepareStatement(sql(size))) {
      statement.setQueryTimeout((int) Math.ceil(settings.statementTimeout().toMillis() / 1000.0));
      int at = 1;
      for (int i = 0; i < size; i++) {
        for (Object value : wanted.get(Math.min(i, wanted.size() - 1))) {
          values.bind(statement, at++, value);
        }
      }
      try (ResultSet rows = statement.executeQuery()) {
        return read(rows);
      }
    }
  }

  /**
   * Few statements for all numbers of keys, so that the database knows them; the last key fills.
   */
  private int padded(int keys) {
    int size = Integer.highestOneBit(keys);
    return Math.max(keys, Math.min(size == keys ? keys : size * 2, settings.batch()));
  }

  private Map<List<Object>, List<Object[]>> read(ResultSet rows) throws SQLException {
    Map<List<Object>, List<Object[]>> found = new HashMap<>();
    while (rows.next()) {
      List<Object> key = new ArrayList<>();
      for (int i = 0; i < keys.size(); i++) {
        @Nullable Object value = values.key(rows, i + 1, keys.get(i).dataType());
        if (value != null) {
          key.add(value);
        }
      }
      Object[] row = new Object[taken.size()];
      for (int i = 0; i < row.length; i++) {
        row[i] = values.value(rows, keys.size() + i + 1, taken.fields()[i].dataType());
      }
      found.computeIfAbsent(key, none -> new ArrayList<>()).add(row);
    }
    return found;
  }

  /** A query with places for so many keys. */
  String sql(int size) {
    List<String> columns = new ArrayList<>(settings.on());
    columns.addAll(List.of(taken.fieldNames()));
    String from =
        settings
            .table()
            .map(table -> TableName.of(table).sql())
            .orElseGet(() -> "(" + settings.query().orElseThrow() + ") lookup_query");
    return "select %s from %s where %s".formatted(Dialect.names(columns), from, condition(size));
  }

  private String condition(int size) {
    if (settings.on().size() == 1) {
      String marks = IntStream.range(0, size).mapToObj(i -> "?").collect(Collectors.joining(", "));
      return TableName.quoted(settings.on().get(0)) + " in (" + marks + ")";
    }
    String one =
        settings.on().stream()
            .map(name -> TableName.quoted(name) + " = ?")
            .collect(Collectors.joining(" and ", "(", ")"));
    return IntStream.range(0, size).mapToObj(i -> one).collect(Collectors.joining(" or "));
  }
}
