package io.millrace.sinks.redis;

import static io.millrace.sinks.testing.Batches.COMPLETE;
import static io.millrace.sinks.testing.Batches.UPSERT;
import static io.millrace.sinks.testing.Batches.query;
import static io.millrace.sinks.testing.Batches.sql;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Limit;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.Reject;
import io.millrace.engine.spi.RowFaults;
import io.millrace.engine.spi.RowWriter;
import io.millrace.engine.spi.Write;
import io.millrace.engine.spi.Writing;
import io.millrace.engine.testing.LocalRedis;
import io.millrace.engine.testing.Sessions;
import io.millrace.sinks.testing.Batches;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RedisSinkTest {
  private static final LocalRedis REDIS = LocalRedis.shared();
  private static final Writing MERGE = new Writing(Mode.APPEND, Write.MERGE);

  private static Given given(String... keys) {
    return Given.at(REDIS.url(0), keys);
  }

  private static @Nullable Object ask(String... words) {
    return Given.ask(REDIS.port(), words);
  }

  private static Map<String, String> hash(String key) {
    List<?> all = (List<?>) Objects.requireNonNull(ask("HGETALL", key));
    Map<String, String> fields = new TreeMap<>();
    for (int at = 0; at < all.size(); at += 2) {
      fields.put((String) all.get(at), (String) all.get(at + 1));
    }
    return fields;
  }

  private static Dataset<Row> one(String text) {
    return sql(text).coalesce(1);
  }

  @BeforeEach
  void empty() {
    ask("FLUSHALL");
  }

  @Test
  void makesAHashOfEachRowAndLeavesOtherFieldsAlone() {
    ask("HSET", "user:1", "seen", "often", "name", "old", "note", "old");
    List<RedisReceipt> receipts =
        Batches.run(
            given("id").prefix("user:").sink(),
            query(),
            UPSERT,
            0,
            sql(
                "select 1L id, 'äda' name, cast(null as string) note, array(1, 2) list,"
                    + " date'2026-01-02' day union all select 2L, null, 'n', null, null"));

    assertThat(hash("user:1"))
        .isEqualTo(
            Map.of(
                "id", "1", "name", "äda", "list", "[1,2]", "day", "2026-01-02", "seen", "often"));
    assertThat(hash("user:2")).isEqualTo(Map.of("id", "2", "note", "n"));
    assertThat(receipts.stream().mapToLong(RedisReceipt::rows).sum()).isEqualTo(2);
  }

  @Test
  void makesJsonOfTheColumnsWithATimeToLive() {
    Batches.run(
        given("a", "b").json(Duration.ofHours(1), "b", "n").sink(),
        query(),
        UPSERT,
        0,
        sql("select 'x:y' a, 'p\\\\q' b, 1.5D n"));

    assertThat(ask("GET", "x\\:y:p\\\\q")).isEqualTo("{\"b\":\"p\\\\q\",\"n\":1.5}");
    assertThat((Long) ask("PTTL", "x\\:y:p\\\\q")).isBetween(3_500_000L, 3_600_000L);
  }

  @Test
  void keepsTheOrderOfRowsWithinATaskOverChunks() {
    Batches.run(
        given("k").json(Duration.ZERO).sink(),
        query(),
        UPSERT,
        0,
        one("select id % 3 k, id n from range(0, 2500, 1, 1)"));

    assertThat(ask("MGET", "0", "1", "2"))
        .isEqualTo(List.of("{\"k\":0,\"n\":2499}", "{\"k\":1,\"n\":2497}", "{\"k\":2,\"n\":2498}"));
  }

  @Test
  void takesTheNewestRowOfABatchByOrderThoughItComesFirst() {
    Identity who = query();
    Given given = given("k").json(Duration.ZERO).ordered("at", "n");
    Dataset<Row> rows =
        sql("""
                select * from values (1, timestamp'2026-01-01 00:00:02', -5L, 'newest'),
                  (1, timestamp'2026-01-01 00:00:02', -7L, 'older'),
                  (1, timestamp'1969-12-31 23:00:00', 9L, 'oldest'),
                  (1, null, 99L, 'none') as t(k, at, n, v)
                """)
            .coalesce(1);
    Batches.run(given.sink(), who, UPSERT, 0, rows);
    assertThat((String) ask("GET", "1")).contains("newest");

    Batches.run(given.sink(), who, UPSERT, 1, rows.where("v = 'oldest'"));
    assertThat((String) ask("GET", "1")).as("a later batch is newer").contains("oldest");
    assertThat(ask("KEYS", "*:order")).isEqualTo(List.of());
  }

  @Test
  void deletesKeysWhereTheConditionHolds() {
    Identity who = query();
    RedisSink sink = given("k").ordered("n").deleting("lower(op) in ('d', 'x')").sink();
    assertThat(sink.guarantee(MERGE)).isEqualTo(Guarantee.ONCE_PER_KEY);

    Batches.run(
        sink, who, MERGE, 0, sql("select * from values (1, 1, 'i'), (2, 1, 'i') t(k, n, op)"));
    Batches.run(
        sink,
        who,
        MERGE,
        1,
        sql("select * from values (1, 3, 'D'), (1, 2, 'u'), (2, 1, null) t(k, n, op)").coalesce(1));

    assertThat(ask("EXISTS", "1")).isEqualTo(0L);
    assertThat(hash("2")).isEqualTo(Map.of("k", "2", "n", "1"));
  }

  @Test
  void remembersItsBatchesAndSkipsWhatIsThere() {
    Identity who = query();
    RedisSink sink = given("id").sink();
    Batches.run(sink, who, UPSERT, 0, sql("select 1 id, 'a' v"));
    ask("HSET", "1", "v", "changed since");

    assertThat(Batches.run(sink, who, UPSERT, 0, sql("select 1 id, 'a' v"))).isEmpty();
    assertThat(hash("1")).containsEntry("v", "changed since");
    Held held = sink.held(Sessions.spark(), who).orElseThrow();
    assertThat(held.batch()).isZero();
    assertThat(held.epoch()).isEqualTo(2);
    assertThat(held.rows()).contains(1L);
    assertThat(held.at()).isPresent();
  }

  @Test
  void endsWithTheSameKeysWhenABatchFailsHalfWayAndComesAgain() {
    Identity who = query();
    RedisSink sink = given("k").json(Duration.ZERO).sink();
    String rows = "select mod(id, 10) k, %s n from range(0, 2000, 1, 1)";
    assertThatThrownBy(
            () ->
                Batches.run(
                    sink,
                    who,
                    UPSERT,
                    0,
                    one(rows.formatted("if(id = 1990, raise_error('boom'), id)"))))
        .hasStackTraceContaining("boom");
    assertThat(ask("DBSIZE")).as("part of it is there, and the ledger").isEqualTo(11L);
    assertThat(sink.held(Sessions.spark(), who).orElseThrow().batch()).isEqualTo(-1);

    Batches.run(sink, who, UPSERT, 0, one(rows.formatted("id")));
    assertThat(ask("GET", "3")).isEqualTo("{\"k\":3,\"n\":1993}");
  }

  @Test
  void refusesALateTaskAndAStartThatWasReplaced() {
    Identity who = query();
    RedisSink sink = given("id").sink();
    Dataset<Row> rows = sql("select 1 id, 'late' v");
    try (Fence<RedisReceipt> first = sink.start(who, UPSERT, rows.schema())) {
      first.begin(0);
      Attempt attempt = new Attempt(who, UPSERT, 0, UUID.randomUUID(), rows.schema());
      try (RowWriter<RedisReceipt> late = sink.writer(attempt)) {
        List<InternalRow> all = new ArrayList<>();
        rows.queryExecution()
            .toRdd()
            .toJavaRDD()
            .map(InternalRow::copy)
            .collect()
            .forEach(all::add);
        late.write(all.get(0));
        first.commit(0, List.of());

        assertThatThrownBy(late::finish).hasMessageContaining("its round is closed");
        assertThat(ask("EXISTS", "1")).isEqualTo(0L);
        assertThatThrownBy(() -> sink.writer(attempt)).hasMessageContaining("its round is closed");
      }

      try (Fence<RedisReceipt> second = sink.start(who, UPSERT, rows.schema())) {
        assertThat(second.last()).isZero();
        second.begin(1);
        assertThatThrownBy(() -> first.begin(1))
            .hasMessage(
                "Cannot commit batch 1 of sink sink: fenced by epoch 2, this start has epoch 1");
        assertThatThrownBy(first::last).hasMessageContaining("fenced by epoch 2");
        assertThatThrownBy(() -> first.commit(1, List.of()))
            .hasMessageContaining("fenced by epoch 2");
        second.commit(1, List.of());
      }
    }
  }

  @Test
  void tellsThatTheServerWentBackInTimeOrHasAnotherCheckpoint() {
    Identity who = query();
    RedisSink sink = given("id").sink();
    Dataset<Row> rows = sql("select 1 id");
    try (Fence<RedisReceipt> fence = sink.start(who, UPSERT, rows.schema())) {
      fence.begin(0);
      fence.commit(0, List.of());
      ask("HSET", "millrace:job:sink", "batch", "-1");
      assertThatThrownBy(() -> fence.begin(1)).hasMessageContaining("the sink went back in time");
      ask("HSET", "millrace:job:sink", "batch", "0");
    }
    Identity other = query();
    assertThatThrownBy(() -> sink.start(other, UPSERT, rows.schema()))
        .hasMessageContaining(
            "the ledger millrace:job:sink has batch 0 of job job, sink sink from another checkpoint")
        .hasMessageEndingWith(
            "to start over with the keys of before left there, delete the key millrace:job:sink");

    sink.adopt(Sessions.spark(), other, -1);
    Batches.run(sink, other, UPSERT, 0, rows);
    assertThat(sink.held(Sessions.spark(), other).orElseThrow().queryId())
        .isEqualTo(other.queryId());
  }

  @Test
  void goesOnWhenTheServerForgotTheScript() {
    Identity who = query();
    RedisSink sink = given("id").sink();
    Batches.run(sink, who, UPSERT, 0, sql("select 1 id"));
    ask("SCRIPT", "FLUSH");
    Batches.run(sink, who, UPSERT, 1, one("select id from range(2, 1500, 1, 1)"));

    assertThat(ask("DBSIZE")).isEqualTo(1500L);
  }

  @Test
  void leavesOutRowsWhoseKeyIsSomethingElse() {
    ask("RPUSH", "2", "a list");
    Identity who = query();
    Writing letters = new Writing(Mode.APPEND, Write.UPSERT, RowFaults.LETTER, Limit.NONE);
    Dataset<Row> rows =
        one("select * from values ('1', 1), ('2', 2), (null, 3), ('millrace:x', 4) t(id, v)");
    RedisSink sink = given("id").json(Duration.ZERO).sink();
    List<Reject> rejects;
    try (Fence<RedisReceipt> fence = sink.start(who, letters, rows.schema())) {
      fence.begin(0);
      fence.commit(0, Batches.tasks(sink, who, letters, 0, rows));
      rejects = fence.rejects(0);
      fence.forwarded(0);
      assertThat(fence.rejects(0)).isEmpty();
    }

    assertThat(rejects)
        .extracting(reject -> reject.rule() + " " + reject.reason() + " " + reject.row())
        .containsExactlyInAnyOrder(
            "wrong_type key 2 is there and no string {\"id\":\"2\",\"v\":2}",
            "key its key column id is NULL {\"v\":3}",
            "key its key starts with millrace:, as those of the ledger do"
                + " {\"id\":\"millrace:x\",\"v\":4}");
    assertThat(ask("GET", "1")).isEqualTo("{\"id\":\"1\",\"v\":1}");
    assertThat(ask("TYPE", "2")).isEqualTo("list");
    assertThat(sink.held(Sessions.spark(), who).orElseThrow().rows()).contains(1L);
  }

  @Test
  void stopsAtARowFaultWithoutDeadLettersAndAtTooMany() {
    ask("SET", "1", "a string");
    RedisSink sink = given("id").sink();
    assertThatThrownBy(() -> Batches.run(sink, query(), UPSERT, 0, sql("select 1 id")))
        .hasStackTraceContaining(
            "Cannot go on: sink sink refuses a row of batch 0: key 1 is there and no hash. Take such"
                + " rows out before, or name dead-letters in the job");
    Identity who = query();
    sink.adopt(Sessions.spark(), who, -1);
    Writing few = new Writing(Mode.APPEND, Write.UPSERT, RowFaults.DROP, new Limit(0, 1));
    assertThatThrownBy(() -> Batches.run(sink, who, few, 0, sql("select 1 id")))
        .hasStackTraceContaining(
            "refuses 1 or more rows of batch 0, the limit of dead-letters is 0 rows");
  }

  @Test
  void saysWhatIsWrongWithTheSettings() {
    assertThatThrownBy(() -> given().sink())
        .hasMessage(
            "Missing keys. Name the columns whose values make the key of a row, for example keys: [id]");
    assertThatThrownBy(() -> given("a", "a").sink())
        .hasMessageStartingWith("Cannot use a column twice in keys");
    assertThatThrownBy(() -> Given.at("localhost", "id").sink())
        .hasMessage(
            "Expected a URL such as redis://host:6379/0, or rediss:// for TLS, found localhost");
    assertThatThrownBy(() -> Given.at("redis://app:word@cache", "id").sink())
        .hasMessage("Cannot take a login in the URL redis://cache. Use user and password");
    assertThatThrownBy(() -> given("id").trusting("ca.pem").sink())
        .hasMessage("Cannot use a truststore without TLS. Write rediss:// in url");
    assertThatThrownBy(() -> given("id").prefix("millrace:").sink())
        .hasMessageStartingWith("Cannot use the prefix millrace:");
    assertThatThrownBy(() -> given("id").deleting("op ==== 1").sink())
        .hasMessageStartingWith("Cannot read the condition: Syntax error");
    assertThatThrownBy(() -> given("id").json(Duration.ofNanos(1)).sink())
        .hasMessage("Expected an expire-after of 1ms or more, found 0s");
  }

  @Test
  void saysWhatItCannotDo() {
    RedisSink sink = given("id").sink();
    assertThat(sink.guarantee(UPSERT)).isEqualTo(Guarantee.ONCE_PER_KEY);
    assertThatThrownBy(() -> sink.guarantee(Batches.APPEND))
        .hasMessage(
            "Cannot append to Redis: a row takes the place of the one with its key. Write write: upsert");
    assertThatThrownBy(() -> sink.guarantee(COMPLETE))
        .hasMessageStartingWith("Cannot write a complete");
    assertThatThrownBy(() -> sink.guarantee(MERGE))
        .hasMessageStartingWith("Missing delete-when for merge");
    assertThatThrownBy(() -> given("id").deleting("id = 1").sink().guarantee(UPSERT))
        .hasMessageStartingWith("Cannot use delete-when to upsert");
    assertThatThrownBy(() -> sink.guarantee(new Writing(Mode.APPEND, Write.DELETE)))
        .hasMessageContaining("not supported yet");
  }

  @Test
  void saysWhichColumnDoesNotFitBeforeAnyRow() {
    Dataset<Row> rows = sql("select 1 id, 'x' name, array(1) list");
    assertThatThrownBy(() -> given("ids").sink().start(query(), UPSERT, rows.schema()))
        .hasMessage("Unknown column ids in keys. The columns are: id, name, list");
    assertThatThrownBy(() -> given("list").sink().start(query(), UPSERT, rows.schema()))
        .hasMessageStartingWith("Expected a column of a plain type, found list");
    assertThatThrownBy(
            () -> given("id").ordered("name").sink().start(query(), UPSERT, rows.schema()))
        .hasMessage(
            "Expected a whole number, a date or a time for order-by, found name of type STRING. Cast it in a sql step");
    assertThatThrownBy(
            () -> given("id").deleting("op = 'd'").sink().start(query(), MERGE, rows.schema()))
        .hasMessageStartingWith(
            "Cannot use delete-when 'op = 'd'': A column, variable, or function parameter with name `op`");
    assertThatThrownBy(
            () -> given("id").deleting("rand() > 0.5").sink().start(query(), MERGE, rows.schema()))
        .hasMessageStartingWith("Cannot rest delete-when on chance or the clock");
    assertThatThrownBy(
            () -> given("id").deleting("name").sink().start(query(), MERGE, rows.schema()))
        .hasMessageContaining("Cannot use delete-when 'name'");
    assertThat(Optional.ofNullable(ask("DBSIZE"))).contains(0L);
  }
}
