package io.millrace.engine.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.testing.LocalBroker;
import io.millrace.engine.testing.Sessions;
import io.millrace.engine.testing.Topics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaSourceTest {
  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static final KafkaPosition EARLIEST = bound(KafkaPosition.Bound.EARLIEST);
  private static final KafkaPosition LATEST = bound(KafkaPosition.Bound.LATEST);

  private final LocalBroker broker = LocalBroker.shared();
  private final SparkSession spark = Sessions.spark();
  @TempDir private Path folder = Path.of("");

  private static KafkaPosition bound(KafkaPosition.Bound bound) {
    return new KafkaPosition(Optional.of(bound), Map.of(), Optional.empty());
  }

  private static KafkaPosition offsets(Map<String, Map<String, Long>> offsets) {
    return new KafkaPosition(Optional.empty(), offsets, Optional.empty());
  }

  private static KafkaPosition time(String time) {
    return new KafkaPosition(Optional.empty(), Map.of(), Optional.of(time));
  }

  private String topic(int partitions) {
    String name = "source-" + NUMBER.incrementAndGet() + "-" + System.nanoTime();
    broker.createTopic(name, partitions);
    return name;
  }

  private KafkaSource source(
      String servers,
      List<String> topics,
      Optional<String> pattern,
      KafkaPosition start,
      KafkaPosition end,
      Optional<Long> most,
      boolean headers) {
    return source(servers, topics, pattern, start, end, most, headers, Map.of());
  }

  private static KafkaSource source(
      String servers,
      List<String> topics,
      Optional<String> pattern,
      KafkaPosition start,
      KafkaPosition end,
      Optional<Long> most,
      boolean headers,
      Map<String, String> properties) {
    return new KafkaSource(
        new KafkaSource.Settings(
            servers,
            topics,
            pattern,
            start,
            end,
            most,
            Optional.empty(),
            headers,
            true,
            Optional.empty(),
            properties));
  }

  private KafkaSource source(String topic, KafkaPosition start, KafkaPosition end) {
    return source(
        broker.servers(), List.of(topic), Optional.empty(), start, end, Optional.empty(), false);
  }

  private static List<String> values(Dataset<Row> rows) {
    return values(rows.collectAsList());
  }

  private static List<String> values(List<Row> rows) {
    return rows.stream()
        .map(row -> new String((byte[]) row.getAs("value"), StandardCharsets.UTF_8))
        .toList();
  }

  private static ProducerRecord<byte[], byte[]> at(
      String topic, int partition, long time, String value) {
    return new ProducerRecord<>(topic, partition, time, null, Topics.bytes(value));
  }

  @Test
  void givesARecordWithItsCoordinatesAndHeaders() {
    String topic = topic(1);
    Topics.write(
        broker.servers(),
        List.of(
            new ProducerRecord<>(
                topic,
                0,
                1000L,
                Topics.bytes("k"),
                Topics.bytes("v"),
                List.of(new RecordHeader("h", Topics.bytes("x"))))));
    KafkaSource source =
        source(
            broker.servers(),
            List.of(topic),
            Optional.empty(),
            EARLIEST,
            LATEST,
            Optional.empty(),
            true);

    Dataset<Row> rows = source.read(spark);

    assertThat(Optional.of(rows.schema())).isEqualTo(source.schema());
    assertThat(Optional.of(source.open(spark).schema())).isEqualTo(source.schema());
    assertThat(
            rows.selectExpr(
                    "cast(key as string)",
                    "cast(value as string)",
                    "topic",
                    "partition",
                    "offset",
                    "unix_millis(timestamp)",
                    "headers[0].key",
                    "cast(headers[0].value as string)",
                    "_source.topic",
                    "_source.partition",
                    "_source.offset",
                    "unix_millis(_source.timestamp)",
                    "cast(_source.key as string)")
                .collectAsList()
                .get(0)
                .mkString(" "))
        .isEqualTo("k v " + topic + " 0 0 1000 h x " + topic + " 0 0 1000 k");
  }

  @Test
  void readsBetweenOffsets() {
    String topic = topic(2);
    Topics.write(
        broker.servers(),
        List.of(
            at(topic, 0, 1, "a"),
            at(topic, 0, 2, "b"),
            at(topic, 0, 3, "c"),
            at(topic, 1, 1, "d")));

    assertThat(values(source(topic, offsets(Map.of(topic, Map.of("0", 1L))), LATEST).read(spark)))
        .containsExactlyInAnyOrder("b", "c", "d");
    assertThat(
            values(
                source(topic, EARLIEST, offsets(Map.of(topic, Map.of("0", 1L, "1", 0L))))
                    .read(spark)))
        .containsExactly("a");
    assertThatThrownBy(
            () -> source(topic, offsets(Map.of(topic, Map.of("7", 1L))), LATEST).open(spark))
        .hasMessage(
            "Unknown partition 7 of topic " + topic + ". It has 2 partitions that are read");
  }

  @Test
  void readsFromATime() {
    String topic = topic(2);
    Topics.write(
        broker.servers(),
        List.of(at(topic, 0, 1000, "a"), at(topic, 0, 5000, "b"), at(topic, 1, 1000, "c")));

    KafkaSource source = source(topic, time("1970-01-01T00:00:02Z"), LATEST);
    assertThat(values(source.read(spark))).containsExactly("b");
    assertThat(values(Streams.rows(source.open(spark), folder))).containsExactly("b");
  }

  @Test
  void readsTopicsThatMatchAPattern() {
    String topic = topic(1);
    String other = topic + "-other";
    broker.createTopic(other, 1);
    Topics.write(broker.servers(), topic, "a");
    Topics.write(broker.servers(), other, "b");

    KafkaSource source =
        source(
            broker.servers(),
            List.of(),
            Optional.of(topic + ".*"),
            EARLIEST,
            LATEST,
            Optional.empty(),
            false);
    assertThat(values(source.read(spark))).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void goesOnWhereItStoppedInBatchesOfALimitedSize() {
    String topic = topic(1);
    Topics.write(broker.servers(), topic, "a", "b", "c");
    KafkaSource source =
        source(
            broker.servers(),
            List.of(topic),
            Optional.empty(),
            EARLIEST,
            LATEST,
            Optional.of(2L),
            false);

    List<List<Row>> first = Streams.batches(source.open(spark), folder);
    Topics.write(broker.servers(), topic, "d");
    List<List<Row>> second = Streams.batches(source.open(spark), folder);

    assertThat(first).map(KafkaSourceTest::values).containsExactly(List.of("a", "b"), List.of("c"));
    assertThat(second).map(KafkaSourceTest::values).containsExactly(List.of("d"));
  }

  @Test
  void namesATopicThatDoesNotExist() {
    assertThatThrownBy(() -> source("nowhere", EARLIEST, LATEST).open(spark))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith(
            "Unknown topic nowhere at " + broker.servers() + ". Create it first");
  }

  @Test
  void namesABrokerThatIsNotThere() {
    KafkaSource source =
        source(
            "127.0.0.1:1",
            List.of("a"),
            Optional.empty(),
            EARLIEST,
            LATEST,
            Optional.empty(),
            false);
    assertThatThrownBy(() -> source.open(spark))
        .hasMessageStartingWith(
            "Cannot reach Kafka at 127.0.0.1:1: Timed out waiting for a node assignment. Call: ")
        .hasMessageContaining("Check that servers is right, that the broker runs,");
  }

  @Test
  void namesABrokerThatGoesAwayWhileTheStreamRuns() throws Exception {
    try (LocalBroker mortal = LocalBroker.start(folder)) {
      mortal.createTopic("a", 1);
      KafkaSource source =
          new KafkaSource(
              new KafkaSource.Settings(
                  mortal.servers(),
                  List.of("a"),
                  Optional.empty(),
                  EARLIEST,
                  LATEST,
                  Optional.empty(),
                  Optional.empty(),
                  false,
                  true,
                  Optional.empty(),
                  Map.of("request.timeout.ms", "1000", "default.api.timeout.ms", "1000")));
      StreamingQuery query = source.open(spark).writeStream().format("noop").start();
      query.processAllAvailable();
      mortal.close();

      assertThatThrownBy(query::awaitTermination)
          .hasStackTraceContaining("Cannot reach Kafka at " + mortal.servers() + ": Timed out")
          .hasStackTraceContaining("Check that servers is right, that the broker runs");
    }
  }

  @Test
  void theConsumerDoesNotWaitAtTheEndOfATopicUnlessTheJobSaysSo() {
    assertThat(source("topic", EARLIEST, LATEST).options())
        .containsEntry("kafka.fetch.max.wait.ms", "10")
        .containsEntry("kafka.max.poll.records", "5000");
    assertThat(
            source(
                    broker.servers(),
                    List.of("topic"),
                    Optional.empty(),
                    EARLIEST,
                    LATEST,
                    Optional.empty(),
                    false,
                    Map.of("fetch.max.wait.ms", "300"))
                .options())
        .containsEntry("kafka.fetch.max.wait.ms", "300")
        .containsEntry("kafka.max.poll.records", "5000");
  }

  @Test
  void refusesSettingsThatContradict() {
    assertThatThrownBy(
            () ->
                source("x", List.of(), Optional.empty(), EARLIEST, LATEST, Optional.empty(), false))
        .hasMessageStartingWith("Missing topics. ");
    assertThatThrownBy(
            () ->
                source(
                    "x", List.of("a"), Optional.of("b"), EARLIEST, LATEST, Optional.empty(), false))
        .hasMessage("Cannot take both topics [a] and a pattern. Use one of them");
    assertThatThrownBy(
            () ->
                source("x", List.of(), Optional.of("("), EARLIEST, LATEST, Optional.empty(), false))
        .hasMessageStartingWith("Expected a regular expression, found '('");
    assertThatThrownBy(
            () ->
                source(
                    "x", List.of("a"), Optional.empty(), EARLIEST, LATEST, Optional.of(0L), false))
        .hasMessage("Expected 1 or more for max-per-batch, found 0");
    assertThatThrownBy(() -> time("noon"))
        .hasMessage("Expected a time such as 2026-01-01T00:00:00Z, found 'noon'");
    assertThatThrownBy(() -> new KafkaPosition(Optional.empty(), Map.of(), Optional.empty()))
        .hasMessageStartingWith("Expected one of earliest, latest,");
  }
}
