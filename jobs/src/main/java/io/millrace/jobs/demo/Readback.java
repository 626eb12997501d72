package io.millrace.jobs.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Reads the sinks by clients that know nothing of the job. */
public final class Readback {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration POLL = Duration.ofMillis(200);
  private static final double FRAUD = 0.5;

  private Readback() {}

  /** What is there now. */
  public static Found of(
      SparkSession spark, String events, Servers servers, Truth truth, LeftOut dropped) {
    try (Connection connection = servers.postgres().connection()) {
      return new Found(
          raw(spark, events),
          letters(connection),
          scored(servers.kafka(), truth),
          minutes(connection),
          dropped);
    } catch (SQLException e) {
      throw new IllegalStateException("Cannot read the tables back: " + e.getMessage(), e);
    }
  }

  private static Map<String, Long> raw(SparkSession spark, String table) {
    Map<String, Long> counts = new HashMap<>();
    for (Row row :
        spark.read().format("delta").load(table).groupBy("topic").count().collectAsList()) {
      counts.put(row.getString(0), row.getLong(1));
    }
    return counts;
  }

  private static Map<Found.Letter, Long> letters(Connection connection) throws SQLException {
    Map<Found.Letter, Long> counts = new HashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "select source, rule, count(*) from dead_letters group by source, rule")) {
      while (rows.next()) {
        counts.put(
            new Found.Letter(String.valueOf(rows.getString(1)), String.valueOf(rows.getString(2))),
            rows.getLong(3));
      }
    }
    return counts;
  }

  private static Map<Minute, Totals> minutes(Connection connection) throws SQLException {
    Map<Minute, Totals> minutes = new HashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "select ad_id, window_start, impressions, clicks, revenue from ad_minutes")) {
      while (rows.next()) {
        Totals totals = new Totals(rows.getLong(3), rows.getLong(4), cents(rows.getBigDecimal(5)));
        minutes.merge(
            new Minute(rows.getString(1), rows.getObject(2, OffsetDateTime.class).toInstant()),
            totals,
            Totals::plus);
      }
    }
    return minutes;
  }

  private static long cents(BigDecimal amount) {
    return amount.movePointRight(2).longValueExact();
  }

  private static Found.Scored scored(String servers, Truth truth) {
    Scores scores = new Scores(truth);
    Map<String, Object> settings =
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, servers,
            ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed",
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(Servers.SCORED).stream()
              .map(found -> new TopicPartition(Servers.SCORED, found.partition()))
              .toList();
      for (TopicPartition partition : partitions) {
        consumer.assign(List.of(partition));
        consumer.seekToBeginning(List.of(partition));
        long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
        while (consumer.position(partition) < end) {
          for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
            scores.add(record.value());
          }
        }
      }
    }
    return scores.found();
  }

  private static final class Scores {
    private final Truth truth;
    private final BitSet seen = new BitSet();
    private long rows;
    private long flagged;
    private long caught;

    Scores(Truth truth) {
      this.truth = truth;
    }

    void add(byte[] value) {
      try {
        JsonNode click = JSON.readTree(value);
        int number = Integer.parseInt(click.path("click_id").asText().substring(2));
        rows++;
        if (!seen.get(number) && click.path("fraud").asDouble() >= FRAUD) {
          flagged++;
          caught += truth.fraud(number) ? 1 : 0;
        }
        seen.set(number);
      } catch (IOException e) {
        throw new UncheckedIOException("Cannot read a scored click", e);
      }
    }

    Found.Scored found() {
      return new Found.Scored(rows, seen.cardinality(), flagged, caught);
    }
  }
}
