package io.millrace.tests.bench;

import io.millrace.sinks.pool.Database;
import io.millrace.sinks.pool.Pools;
import java.io.Serializable;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.LongStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.VoidFunction;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.streaming.Milliseconds;
import org.apache.spark.streaming.api.java.JavaStreamingContext;

/**
 * The ways from a DStream to a database, each one better than the one before: a connection on the
 * driver, one for each record, one for each partition, and those of a pool. A batch has 100 rows in
 * two partitions; batches come as fast as they are written.
 */
@SuppressWarnings("deprecation") // All of DStreams is.
final class Ladder {
  /** So many events are enough: a connection for each of them takes long. */
  static final long EVENTS = 5_000;

  private static final int ROWS = 100;
  private static final int PARTS = 2;
  private static final Duration INTERVAL = Duration.ofMillis(20);

  private final JavaSparkContext spark;
  private final Target target;

  /** Where rows go. It travels to the tasks. */
  private record Target(String url, String user, String table) implements Serializable {
    private String insert() {
      return "insert into \"" + table + "\" (id, k, t, amount) values (?, ?, ?, ?)";
    }

    Connection connect() throws SQLException {
      return DriverManager.getConnection(url, user, "");
    }

    private Database database() {
      return new Database(
          url, Optional.of(user), Optional.empty(), PARTS, Duration.ofSeconds(30), Map.of());
    }

    /** All rows in one transaction. */
    void write(Connection connection, Iterator<Events.Event> rows) throws SQLException {
      connection.setAutoCommit(false);
      try (PreparedStatement statement = connection.prepareStatement(insert())) {
        while (rows.hasNext()) {
          Events.Event row = rows.next();
          statement.setLong(1, row.id());
          statement.setString(2, String.format(Locale.ROOT, "k%03d", row.key()));
          statement.setTimestamp(3, new Timestamp(row.millis()));
          statement.setLong(4, row.amount());
          statement.addBatch();
        }
        statement.executeBatch();
      }
      connection.commit();
    }
  }

  Ladder(SparkSession spark, Order order, String part) {
    this.spark = JavaSparkContext.fromSparkContext(spark.sparkContext());
    this.target = new Target(order.url(), order.user(), part);
  }

  /** Writes what passes the filter of so many events, by one of the ways. */
  void run(Variant way, long events) throws SQLException, InterruptedException {
    try (Connection connection = target.connect();
        var statement = connection.createStatement()) {
      statement.execute(
          "create table \"%s\" (id bigint, k text, t timestamp, amount bigint)"
              .formatted(target.table()));
    }
    Queue<JavaRDD<Events.Event>> batches = batches(events);
    CountDownLatch left = new CountDownLatch(batches.size());
    VoidFunction<JavaRDD<Events.Event>> write = writer(way);
    JavaStreamingContext streams =
        new JavaStreamingContext(spark, Milliseconds.apply(INTERVAL.toMillis()));
    streams
        .queueStream(batches)
        .foreachRDD(
            rows -> {
              write.call(rows);
              if (rows.getNumPartitions() > 0) {
                left.countDown();
              }
            });
    streams.start();
    while (left.getCount() > 0 && !streams.awaitTerminationOrTimeout(1)) {
      // A batch that fails is thrown from there.
    }
    streams.stop(false, false);
  }

  private Queue<JavaRDD<Events.Event>> batches(long events) {
    Events all = new Events(events);
    List<Events.Event> wanted =
        LongStream.range(0, events)
            .mapToObj(all::at)
            .filter(event -> event.amount() >= Events.LEAST_AMOUNT)
            .toList();
    Queue<JavaRDD<Events.Event>> batches = new ArrayDeque<>();
    for (int from = 0; from < wanted.size(); from += ROWS) {
      List<Events.Event> batch = wanted.subList(from, Math.min(wanted.size(), from + ROWS));
      batches.add(spark.parallelize(List.copyOf(batch), PARTS));
    }
    return batches;
  }

  private VoidFunction<JavaRDD<Events.Event>> writer(Variant way) {
    Target to = target;
    return switch (way) {
      case LADDER_DRIVER ->
          rows -> {
            List<Events.Event> all = rows.collect();
            try (Connection connection = to.connect()) {
              to.write(connection, all.iterator());
            }
          };
      case LADDER_RECORD -> rows -> rows.foreach(row -> alone(to, row));
      case LADDER_PARTITION -> rows -> rows.foreachPartition(part -> together(to, part));
      case LADDER_POOL -> rows -> rows.foreachPartition(part -> pooled(to, part));
      default -> throw new IllegalArgumentException("No way of the ladder: " + way);
    };
  }

  private static void alone(Target to, Events.Event row) throws SQLException {
    try (Connection connection = to.connect()) {
      to.write(connection, List.of(row).iterator());
    }
  }

  private static void together(Target to, Iterator<Events.Event> rows) throws SQLException {
    try (Connection connection = to.connect()) {
      to.write(connection, rows);
    }
  }

  private static void pooled(Target to, Iterator<Events.Event> rows) throws SQLException {
    try (Connection connection = Pools.jdbc(to.database()).open()) {
      to.write(connection, rows);
    }
  }
}
