package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LocalBroker;
import io.millrace.engine.testing.Topics;
import io.millrace.sinks.memory.MemorySink;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A topic that holds the versions of keys, and a record without a value where one ends. */
class CompactedTopicTest {
  private static final String JOB =
      """
      job: compacted
      checkpoint: ${HOME}/checkpoint
      sources:
        - name: orders
          kafka: {servers: "${KAFKA}", topics: [compacted-orders], start: earliest}
          decode: {json: "order_id string not null, item string, ordered_at timestamp"}
          watermark: {time: ordered_at, delay: 0s}
        - name: topic
          kafka: {servers: "${KAFKA}", topics: [compacted-prices], start: earliest}
      steps:
        - name: prices
          from: topic
          sql: >-
            select string(_source.key) as item, cast(get_json_object(string(value), '$.price') as double) as price,
              value is null as gone, _source.timestamp as valid_from from topic
        - name: timed
          watermark: {time: valid_from, delay: 0s}
        - name: priced
          join: {left: orders, right: timed, on: [item], type: left, as-of: {delete-when: gone}, unbounded: true}
      dead-letters: drop
      sinks:
        - {name: out, from: priced, memory: {name: compacted_out}, trigger: available-now}
      """;

  private final String servers = LocalBroker.shared().servers();

  private static long at(String clock) {
    return Instant.parse("2026-01-01T" + clock + "Z").toEpochMilli();
  }

  private static ProducerRecord<byte[], byte[]> price(
      String clock, String item, @Nullable String price) {
    return new ProducerRecord<>(
        "compacted-prices",
        0,
        at(clock),
        Topics.bytes(item),
        price == null ? null : Topics.bytes("{\"price\": " + price + "}"));
  }

  private static ProducerRecord<byte[], byte[]> order(String id, String item, String clock) {
    String text =
        "{\"order_id\": \"%s\", \"item\": \"%s\", \"ordered_at\": \"2026-01-01T%sZ\"}"
            .formatted(id, item, clock);
    return new ProducerRecord<>("compacted-orders", 0, null, Topics.bytes(text));
  }

  @Test
  void itsVersionsAreMetUntilARecordWithoutAValueEndsThem() {
    LocalBroker.shared().createTopic("compacted-orders", 1);
    LocalBroker.shared().createTopic("compacted-prices", 1);
    Topics.write(
        servers,
        List.of(
            price("08:00:00", "lamp", "30"),
            price("09:00:00", "lamp", "28.5"),
            price("10:00:00", "lamp", null),
            price("23:00:00", "end", "1"),
            order("o1", "lamp", "08:59:59"),
            order("o2", "lamp", "09:00:00"),
            order("o3", "lamp", "10:00:00"),
            order("o4", "desk", "09:00:00"),
            order("end", "end", "22:00:00")));
    Path home = Folders.temporary("compacted");

    Jobs.run(Jobs.plan(JOB, Map.of("HOME", home.toString(), "KAFKA", servers)));

    assertThat(MemorySink.rows("compacted_out"))
        .extracting(row -> row.getAs("order_id") + " " + row.getAs("price"))
        .contains("o1 30.0", "o2 28.5", "o3 null", "o4 null");
  }
}
