package io.millrace.sinks.kafka;

import static io.millrace.sinks.testing.Batches.APPEND;
import static io.millrace.sinks.testing.Batches.COMPLETE;
import static io.millrace.sinks.testing.Batches.EVERY_TYPE;
import static io.millrace.sinks.testing.Batches.UPDATE;
import static io.millrace.sinks.testing.Batches.UPSERT;
import static io.millrace.sinks.testing.Batches.query;
import static io.millrace.sinks.testing.Batches.sql;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Limit;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.RowFaults;
import io.millrace.engine.spi.RowSink;
import io.millrace.engine.spi.Write;
import io.millrace.engine.spi.Writing;
import io.millrace.engine.testing.LocalBroker;
import io.millrace.engine.testing.Topics;
import io.millrace.sinks.testing.Batches;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.utils.Utils;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KafkaSinkTest {
  private static final String SERVERS = LocalBroker.shared().servers();

  private static String topic(String name, int partitions) {
    LocalBroker.shared().createTopic("sink-" + name, partitions);
    return "sink-" + name;
  }

  private static KafkaSink sink(String topic, String key, String value) {
    return sink(topic, key, value, "", Map.of(), Map.of());
  }

  private static KafkaSink merging(String topic, String key, String deleteWhen) {
    return sink(topic, key, "", "", Map.of(), Map.of(), given(deleteWhen));
  }

  private static KafkaSink sink(
      String topic,
      String key,
      String value,
      String partition,
      Map<String, String> headers,
      Map<String, String> properties) {
    return sink(topic, key, value, partition, headers, properties, Optional.empty());
  }

  private static KafkaSink sink(
      String topic,
      String key,
      String value,
      String partition,
      Map<String, String> headers,
      Map<String, String> properties,
      Optional<String> deleteWhen) {
    return new KafkaSink(
        new KafkaSink.Settings(
            SERVERS,
            topic,
            given(key),
            given(value),
            Optional.empty(),
            given(partition),
            headers,
            Optional.empty(),
            properties,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            deleteWhen));
  }

  private static Optional<String> given(String text) {
    return Optional.of(text).filter(word -> !word.isEmpty());
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Test
  void writesAllColumnsAsJsonWithKeyAndHeaders() {
    String topic = topic("json", 1);
    List<KafkaReceipt> receipts =
        Batches.run(
            sink(topic, "id", "", "", Map.of("kind", "name"), Map.of()),
            query(),
            APPEND,
            7,
            sql("select * from values (1L, 'a'), (2L, null) as t(id, name)"));

    List<ConsumerRecord<byte[], byte[]>> records = Topics.read(SERVERS, topic);
    assertThat(records)
        .extracting(record -> text(record.key()) + text(record.value()))
        .containsExactlyInAnyOrder("1{\"id\":1,\"name\":\"a\"}", "2{\"id\":2}");
    ConsumerRecord<byte[], byte[]> first =
        records.stream().filter(record -> text(record.key()).equals("1")).findFirst().orElseThrow();
    assertThat(StreamSupport.stream(first.headers().spliterator(), false))
        .extracting(header -> header.key() + "=" + text(header.value()))
        .containsExactly("millrace-job=job", "millrace-query=query", "millrace-batch=7", "kind=a");
    assertThat(receipts.stream().mapToLong(KafkaReceipt::rows).sum()).isEqualTo(2);
  }

  @Test
  void writesEveryTypeAsToJsonDoes() {
    String topic = topic("types", 1);
    String all =
        "select *, interval 1 month m, interval 2 second s, parse_json('{\"v\": [1]}') v, void v0"
            + " from (select *, null void from ("
            + EVERY_TYPE
            + "))";
    Batches.run(sink(topic, "", ""), query(), APPEND, 0, sql(all));

    List<String> expected =
        sql("select to_json(struct(*)) from (" + all + ")").collectAsList().stream()
            .map(row -> row.getString(0))
            .toList();
    assertThat(Topics.values(SERVERS, topic)).containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void writesOneColumnAsItIsAndANullAsATombstone() {
    String topic = topic("raw", 1);
    Batches.run(
        sink(topic, "k", "v"),
        query(),
        UPDATE,
        0,
        sql(
            "select * from values (date'2026-01-02', X'00FF'), (date'2026-01-03', null) as t(k,"
                + " v)"));

    assertThat(Topics.read(SERVERS, topic))
        .extracting(record -> text(record.key()) + Arrays.toString(record.value()))
        .containsExactlyInAnyOrder("2026-01-02[0, -1]", "2026-01-03null");
  }

  @ParameterizedTest
  @EnumSource(
      value = Guarantee.class,
      names = {"AT_LEAST_ONCE", "EXACTLY_ONCE"})
  @SuppressWarnings("unchecked") // both kinds of sinks give the receipts of Kafka
  void aRowThatDeletesIsATombstoneOfItsKey(Guarantee delivery) {
    String topic = topic("merge-" + delivery.name().toLowerCase(Locale.ROOT), 1);
    RowSink<KafkaReceipt> sink =
        (RowSink<KafkaReceipt>) merging(topic, "k", "op = 'd'").delivering(delivery);
    Dataset<Row> rows =
        sql("select * from values ('a', 'i'), ('b', 'd'), ('a', 'd'), (null, 'd'), ('a', null)"
                + " as t(k, op)")
            .coalesce(1);
    Writing merge = new Writing(Mode.APPEND, Write.MERGE, RowFaults.LETTER, Limit.NONE);
    Identity who = query();
    try (Fence<KafkaReceipt> fence = sink.start(who, merge, rows.schema())) {
      fence.begin(0);
      fence.commit(0, Batches.tasks(sink, who, merge, 0, rows));
      assertThat(fence.rejects(0))
          .extracting(reject -> reject.rule() + ": " + reject.reason())
          .containsExactly("key: a row that deletes has to name its key, and has none");
    }

    Topics.awaitDecided(SERVERS, topic);
    assertThat(Topics.read(SERVERS, topic))
        .extracting(
            record ->
                text(record.key()) + (record.value() == null ? " gone" : text(record.value())))
        .containsExactly("a{\"k\":\"a\",\"op\":\"i\"}", "b gone", "a gone", "a{\"k\":\"a\"}");
  }

  @Test
  void mergesWhereItIsSaidWhatIsDeleted() {
    Writing merge = new Writing(Mode.APPEND, Write.MERGE);
    assertThat(merging("t", "k", "op = 'd'").guarantee(merge)).isEqualTo(Guarantee.AT_LEAST_ONCE);
    assertThatThrownBy(() -> merging("t", "k", "").guarantee(merge))
        .hasMessageStartingWith("Missing delete-when for merge.");
    assertThatThrownBy(() -> merging("t", "", "op = 'd'").guarantee(merge))
        .hasMessageStartingWith("Missing key for merge.");
    assertThatThrownBy(() -> merging("t", "k", "op = 'd'").guarantee(APPEND))
        .hasMessage(
            "Cannot use delete-when to append: every row becomes a value. Use write: merge");
    assertThatThrownBy(() -> merging("t", "k", "op ="))
        .hasMessageStartingWith("Cannot read the condition");
    assertThatThrownBy(
            () ->
                merging(topic("merge-columns", 1), "k", "op = 'd'")
                    .start(query(), merge, sql("select 1 as k").schema()))
        .hasMessageStartingWith("Cannot use delete-when 'op = 'd''");
  }

  @Test
  void writesToThePartitionThatARowNames() {
    String topic = topic("partitions", 3);
    Batches.run(
        sink(topic, "", "v", "p", Map.of(), Map.of()),
        query(),
        APPEND,
        0,
        sql("select * from values (2, 'c'), (0, 'a'), (1, 'b') as t(p, v)"));

    assertThat(Topics.read(SERVERS, topic))
        .extracting(record -> record.partition() + text(record.value()))
        .containsExactly("0a", "1b", "2c");
  }

  @Test
  void leavesOutRowsThatNameAPartitionThatIsNotThere() {
    String topic = topic("no-partition", 3);
    KafkaSink sink = sink(topic, "v", "v", "p", Map.of(), Map.of());
    Dataset<Row> rows =
        sql("select cast(p as int) p, v from values (3, 'three'), (2, 'two'), (-1, 'less'),"
                + " (null, 'a'), (null, 'a'), (0, 'zero') as t(p, v)")
            .coalesce(1);
    Writing letter = new Writing(Mode.APPEND, Write.APPEND, RowFaults.LETTER, Limit.NONE);
    Identity who = query();
    try (Fence<KafkaReceipt> fence = sink.start(who, letter, rows.schema())) {
      fence.begin(0);
      fence.commit(0, Batches.tasks(sink, who, letter, 0, rows));
      assertThat(fence.rejects(0))
          .extracting(reject -> reject.rule() + ": " + reject.reason() + " " + reject.row())
          .containsExactly(
              "unknown_partition: partition 3 is none of topic sink-no-partition, which has 3, from"
                  + " 0 on {\"p\":3,\"v\":\"three\"}",
              "unknown_partition: partition -1 is none of topic sink-no-partition, which has 3,"
                  + " from 0 on {\"p\":-1,\"v\":\"less\"}");
    }
    List<ConsumerRecord<byte[], byte[]>> records = Topics.read(SERVERS, topic);
    assertThat(records)
        .extracting(record -> text(record.value()))
        .containsExactlyInAnyOrder("two", "zero", "a", "a");
    assertThat(records.stream().filter(record -> text(record.value()).equals("a")))
        .as("the key chooses where the row does not")
        .extracting(ConsumerRecord::partition)
        .hasSize(2)
        .hasSameElementsAs(List.of(partitionOf("a", 3)));

    assertThatThrownBy(() -> Batches.run(sink, query(), APPEND, 0, rows))
        .hasStackTraceContaining(
            "Cannot go on: sink sink refuses a row of batch 0: partition 3 is none of topic");
  }

  /** Where Kafka's own producers put a key. */
  private static int partitionOf(String key, int partitions) {
    return Utils.toPositive(Utils.murmur2(key.getBytes(StandardCharsets.UTF_8))) % partitions;
  }

  @Test
  void findsAPartitionThatIsNewer() throws Exception {
    String topic = topic("more-partitions", 1);
    KafkaSink sink = sink(topic, "", "v", "p", Map.of(), Map.of());
    Batches.run(sink, query(), APPEND, 0, sql("select 0 p, 'a' v"));
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", SERVERS))) {
      admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(2))).all().get();
    }
    Batches.run(sink, query(), APPEND, 1, sql("select 1 p, 'b' v"));
    assertThat(Topics.read(SERVERS, topic))
        .extracting(record -> record.partition() + text(record.value()))
        .containsExactly("0a", "1b");
  }

  @Test
  void losesNothingWhenABatchFailsHalfWayAndComesAgain() {
    String topic = topic("again", 2);
    String rows = "select cast(%s as string) v from range(0, 2000, 1, 4)";
    assertThatThrownBy(
            () ->
                Batches.run(
                    sink(topic, "", "v"),
                    query(),
                    APPEND,
                    0,
                    sql(rows.formatted("if(id = 1999, raise_error('boom'), id)"))))
        .hasMessageContaining("boom");
    Batches.run(sink(topic, "", "v"), query(), APPEND, 0, sql(rows.formatted("id")));

    assertThat(Topics.values(SERVERS, topic))
        .hasSizeGreaterThanOrEqualTo(2000)
        .containsAll(
            sql(rows.formatted("id")).collectAsList().stream().map(Row::mkString).toList());
  }

  @Test
  void failsTheTaskWhenTheBrokerRefusesARecord() {
    String topic = topic("refused", 1);
    KafkaSink sink = sink(topic, "", "v", "", Map.of(), Map.of("max.request.size", "2000"));

    assertThatThrownBy(
            () -> Batches.run(sink, query(), APPEND, 0, sql("select repeat('x', 5000) v")))
        .hasStackTraceContaining("Cannot write to topic " + topic)
        .hasStackTraceContaining("max.request.size");
    assertThat(Topics.read(SERVERS, topic)).isEmpty();
  }

  @Test
  void failsTheTaskWhenAnAnswerIsAnError() {
    String topic = topic("answer", 1);
    KafkaSink sink =
        sink(
            topic,
            "",
            "v",
            "",
            Map.of(),
            Map.of("max.request.size", "9000000", "compression.type", "none"));

    assertThatThrownBy(
            () -> Batches.run(sink, query(), APPEND, 0, sql("select repeat('x', 3000000) v")))
        .hasStackTraceContaining("Cannot write to topic " + topic)
        .hasStackTraceContaining("RecordTooLargeException");
  }

  @Test
  void saysThatATopicIsNotThereBeforeAnyRow() {
    assertThatThrownBy(
            () -> sink("nowhere", "", "").start(query(), APPEND, sql("select 1 a").schema()))
        .hasMessage("Unknown topic nowhere at " + SERVERS + ". Create it before the job starts");
  }

  @Test
  void saysThatAColumnIsMissingOrOfAWrongType() {
    assertThatThrownBy(
            () -> sink("t", "nme", "").start(query(), APPEND, sql("select 1 name").schema()))
        .hasMessage("Unknown column nme in key. The columns are: name");
    assertThatThrownBy(() -> sink("t", "", "a").start(query(), APPEND, sql("select 1 a").schema()))
        .hasMessage(
            "Expected a string or binary column for value, found a of type INT. Leave value out for"
                + " JSON of all columns, or cast it in a sql step");
    assertThatThrownBy(
            () -> sink("t", "a", "").start(query(), APPEND, sql("select array(1) a").schema()))
        .hasMessage(
            "Expected a column of a plain type, found a of type ARRAY<INT>. Use to_json in a sql"
                + " step");
    assertThatThrownBy(
            () ->
                sink("t", "", "", "p", Map.of(), Map.of())
                    .start(query(), APPEND, sql("select 1L p").schema()))
        .hasMessage(
            "Expected an int column for partition, found p of type BIGINT. Cast it to int in a sql"
                + " step");
  }

  @Test
  void promisesAtLeastOnceAndRefusesWhatATopicCannotDo() {
    KafkaSink sink = sink("t", "", "");
    assertThat(sink.guarantee(APPEND)).isEqualTo(Guarantee.AT_LEAST_ONCE);
    assertThat(sink.guarantee(UPDATE)).isEqualTo(Guarantee.AT_LEAST_ONCE);
    assertThatThrownBy(() -> sink.guarantee(COMPLETE))
        .hasMessage(
            "Cannot write a complete result to Kafka: a topic cannot be replaced. Use mode: update"
                + " or mode: append");
    assertThatThrownBy(() -> sink.guarantee(UPSERT))
        .hasMessage(
            "Cannot upsert in Kafka: a topic only grows. Use write: append and a key for a"
                + " compacted topic, or write: merge with delete-when for its tombstones");
    assertThatThrownBy(() -> sink("t", "", "", "", Map.of("millrace-job", "a"), Map.of()))
        .hasMessageStartingWith("Cannot set the header millrace-job. Choose a name");
    assertThatThrownBy(() -> sink("t", "", "", "", Map.of(), Map.of("acks", "0")))
        .hasMessageStartingWith("Cannot set the property acks. One may set: batch.size, ");
  }
}
