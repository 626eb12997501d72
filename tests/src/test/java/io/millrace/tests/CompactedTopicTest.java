package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.run.Account;
import io.millrace.engine.run.Audit;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LocalBroker;
import io.millrace.engine.testing.LocalPostgres;
import io.millrace.engine.testing.Sessions;
import io.millrace.engine.testing.Topics;
import io.millrace.sinks.memory.MemorySink;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A topic that holds the versions of keys, and a record without a value where one ends. */
class CompactedTopicTest {
  private static final String VERSIONS =
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
          decode: {json: {schema: "price double not null", tombstones: keep}}
      steps:
        - name: prices
          from: topic
          sql: select string(_source.key) as item, price, _source.timestamp as valid_from from topic
        - name: timed
          watermark: {time: valid_from, delay: 0s}
        - name: priced
          join: {left: orders, right: timed, on: [item], type: left, as-of: {delete-when: price is null}, unbounded: true}
      dead-letters: {memory: compacted_letters}
      sinks:
        - {name: out, from: priced, memory: {name: compacted_out}, trigger: available-now}
      """;

  private static final String COPIES =
      """
      job: compacted_copies
      checkpoint: ${HOME}/checkpoint
      sources:
        - name: kept
          kafka: {servers: "${KAFKA}", topics: [compacted-prices], start: earliest}
          decode: {json: {schema: "price double not null", tombstones: keep}}
        - name: dropped
          kafka: {servers: "${KAFKA}", topics: [compacted-prices], start: earliest}
          decode: {json: {schema: "price double not null", tombstones: drop}}
        - name: refused
          kafka: {servers: "${KAFKA}", topics: [compacted-prices], start: earliest}
          decode: {json: price double not null}
      steps:
        - name: prices
          from: kept
          sql: select string(_source.key) as item, price, _source.offset as version from kept
      dead-letters: {memory: copies_letters}
      sinks:
        - name: current
          from: prices
          jdbc:
            url: "${DB}"
            user: "${DB_USER}"
            table: compacted_prices
            keys: [item]
            order-by: [version]
            delete-when: price is null
          write: merge
          trigger: available-now
        - name: copy
          from: prices
          kafka: {servers: "${KAFKA}", topic: compacted-copy, key: item, delete-when: price is null}
          write: merge
          trigger: available-now
        - {name: some, from: dropped, memory: {name: copies_dropped}, trigger: available-now}
        - {name: others, from: refused, memory: {name: copies_refused}, trigger: available-now}
      """;

  private static final String SERVERS = LocalBroker.shared().servers();

  private static Plan plan(String job) {
    return Jobs.plan(
        job,
        Map.of(
            "HOME",
            Folders.temporary("compacted").toString(),
            "KAFKA",
            SERVERS,
            "DB",
            LocalPostgres.shared().url(),
            "DB_USER",
            LocalPostgres.shared().user()));
  }

  private static long at(String clock) {
    return Instant.parse("2026-01-01T" + clock + "Z").toEpochMilli();
  }

  private static ProducerRecord<byte[], byte[]> price(
      String clock, String item, @Nullable String value) {
    return new ProducerRecord<>(
        "compacted-prices",
        0,
        at(clock),
        Topics.bytes(item),
        value == null ? null : Topics.bytes(value));
  }

  private static ProducerRecord<byte[], byte[]> order(String id, String item, String clock) {
    String text =
        "{\"order_id\": \"%s\", \"item\": \"%s\", \"ordered_at\": \"2026-01-01T%sZ\"}"
            .formatted(id, item, clock);
    return new ProducerRecord<>("compacted-orders", 0, null, Topics.bytes(text));
  }

  @BeforeAll
  static void tell() {
    LocalBroker.shared().createTopic("compacted-orders", 1);
    LocalBroker.shared().createTopic("compacted-prices", 1);
    LocalBroker.shared().createTopic("compacted-copy", 1);
    Topics.write(
        SERVERS,
        List.of(
            price("08:00:00", "lamp", "{\"price\": 30}"),
            price("09:00:00", "lamp", "{\"price\": 28.5}"),
            price("10:00:00", "lamp", null),
            price("11:00:00", "desk", "{\"cost\": 5}"),
            price("23:00:00", "end", "{\"price\": 1}"),
            order("o1", "lamp", "08:59:59"),
            order("o2", "lamp", "09:00:00"),
            order("o3", "lamp", "10:00:00"),
            order("o4", "desk", "12:00:00"),
            order("end", "end", "22:00:00")));
  }

  @Test
  void itsVersionsAreMetUntilARecordWithoutAValueEndsThem() {
    Jobs.run(plan(VERSIONS));

    assertThat(MemorySink.rows("compacted_out"))
        .extracting(row -> row.getAs("order_id") + " " + row.getAs("price"))
        .contains("o1 30.0", "o2 28.5", "o3 null", "o4 null");
    assertThat(MemorySink.rows("compacted_letters"))
        .extracting(row -> row.getAs("source") + " " + row.getAs("reason"))
        .containsExactly("topic Missing price, declared as not null");
  }

  @Test
  void aRecordWithoutAValueDeletesInATableAndInATopicIsDroppedOrADeadLetter() throws SQLException {
    LocalPostgres.shared()
        .execute(
            "create table compacted_prices"
                + " (item text primary key, price float8 not null, version bigint not null)");
    Plan plan = plan(COPIES);

    Jobs.run(plan);

    assertThat(table()).containsExactly("end 1.0 4");
    assertThat(Topics.read(SERVERS, "compacted-copy"))
        .extracting(CompactedTopicTest::text)
        .containsExactly(
            "lamp {\"item\":\"lamp\",\"price\":30.0,\"version\":0}",
            "lamp {\"item\":\"lamp\",\"price\":28.5,\"version\":1}",
            "lamp null",
            "end {\"item\":\"end\",\"price\":1.0,\"version\":4}");
    assertThat(MemorySink.rows("copies_dropped")).hasSize(3);
    assertThat(MemorySink.rows("copies_refused")).hasSize(3);
    assertThat(MemorySink.rows("copies_letters"))
        .extracting(row -> row.getAs("source") + " " + row.getAs("reason"))
        .containsExactlyInAnyOrder(
            "kept Missing price, declared as not null",
            "dropped Missing price, declared as not null",
            "refused Missing price, declared as not null",
            "refused Expected JSON, found no value");
    List<Audit> audits = Audit.of(plan, Sessions::spark);
    assertThat(audits).allMatch(Audit::holds);
    assertThat(audits)
        .flatMap(audit -> audit.total().orElseThrow().intakes())
        .contains(
            new Account.Intake("kept", 5, 4, 1, 0),
            new Account.Intake("dropped", 5, 3, 1, 1),
            new Account.Intake("refused", 5, 3, 2, 0));
  }

  private static String text(ConsumerRecord<byte[], byte[]> record) {
    return new String(record.key(), StandardCharsets.UTF_8)
        + " "
        + Optional.ofNullable(record.value())
            .map(value -> new String(value, StandardCharsets.UTF_8))
            .orElse("null");
  }

  private static List<String> table() throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection connection =
            DriverManager.getConnection(
                LocalPostgres.shared().url(), LocalPostgres.shared().user(), "");
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("select * from compacted_prices order by item")) {
      while (result.next()) {
        rows.add(result.getString(1) + " " + result.getDouble(2) + " " + result.getLong(3));
      }
    }
    return rows;
  }
}
