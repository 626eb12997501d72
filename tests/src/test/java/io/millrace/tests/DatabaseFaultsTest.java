package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.run.JobFailedException;
import io.millrace.engine.run.Launcher;
import io.millrace.engine.run.RunningJob;
import io.millrace.engine.source.MemoryRows;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LocalPostgres;
import io.millrace.engine.testing.Relay;
import io.millrace.engine.testing.Sessions;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Jobs over a database that refuses, or that goes away and comes back. */
class DatabaseFaultsTest {
  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final String GONE = "(?s).*Cannot (reach|write to|work in) .*";

  private static LocalPostgres database;

  private final String id = "d" + UUID.randomUUID().toString().substring(0, 8);
  private final Path home = Folders.temporary("database");
  private final MemoryRows rows = MemoryRows.named(id);
  private Optional<String> detour = Optional.empty();

  @BeforeAll
  static void start() {
    database = LocalPostgres.start(Folders.temporary("faults"));
  }

  @AfterAll
  static void stop() {
    database.close();
  }

  private String url() {
    return detour.orElseGet(() -> database.url());
  }

  private Plan plan(String step, String trigger, String... more) {
    StringBuilder text =
        new StringBuilder(
            """
            job: ${ID}
            checkpoint: ${HOME}/checkpoints
            sources:
              - {name: orders, memory: {name: "${ID}", schema: "id string"}}
            steps:
              - name: padded
                sql: ${STEP}
            sinks:
            """
                .replace("${STEP}", step));
    for (String each : more) {
      String[] parts = each.split(" ", 2);
      text.append(
          "  - {name: %s, jdbc: {url: \"%s\", user: %s, table: %s_%s%s}, trigger: %s}\n"
              .formatted(
                  parts[0],
                  url(),
                  database.user(),
                  parts[0],
                  id,
                  parts.length > 1 ? ", " + parts[1] : "",
                  trigger));
    }
    return Jobs.plan(text.toString(), Map.of("ID", id, "HOME", home.toString()));
  }

  private void add(int from, int to) {
    rows.add(
        java.util.stream.IntStream.range(from, to)
            .mapToObj(n -> RowFactory.create("o" + n))
            .toArray(org.apache.spark.sql.Row[]::new));
  }

  @Test
  void namesTheSinkTheColumnAndTheCure() {
    database.execute("create table narrow_" + id + " (id varchar(3))");
    add(0, 3);
    rows.add(RowFactory.create("too long"));
    assertThatThrownBy(
            () -> Jobs.run(plan("select id from orders", "available-now", "wide", "narrow")))
        .isInstanceOf(JobFailedException.class)
        .hasMessageMatching(
            "Query 'orders' stopped: batch 0, sink 'narrow': Cannot write to the table narrow_"
                + id
                + " in jdbc:postgresql://localhost:[0-9]+/postgres: value too long for type"
                + " character varying\\(3\\), column id, row [1-4] of the batch. Cut the value"
                + " before, or widen the column");
    assertThat(count("wide")).as("committed before").isEqualTo(4);
    database.execute("alter table narrow_" + id + " alter id type text");
    assertThat(Jobs.run(plan("select id from orders", "available-now", "wide", "narrow")))
        .isEqualTo(Map.of("narrow", 4L));
    assertThat(count("wide")).isEqualTo(4);
    assertThat(count("narrow")).isEqualTo(4);
  }

  @Test
  void namesThePoolThatTwoSinksNeedMoreOf() {
    add(0, 3);
    String one = " connections: 1, patience: 1s, properties: {ApplicationName: " + id + "}";
    assertThatThrownBy(
            () ->
                Jobs.run(
                    plan("select id from orders", "available-now", "first" + one, "second" + one)))
        .hasMessage(
            "Query 'orders' stopped: batch 0, sink 'second': Cannot get a connection to %s within"
                + " 1000 ms: all 1 are lent. Raise connections or patience, or return connections"
                + " sooner",
            database.url());
    String two = one.replace("connections: 1", "connections: 2");
    Jobs.run(plan("select id from orders", "available-now", "first" + two, "second" + two));
    assertThat(count("first")).isEqualTo(3);
    assertThat(count("second")).isEqualTo(3);
  }

  @Test
  void waitsForADatabaseThatComesBackInTime() {
    Jobs.Delivered delivered = new Jobs.Delivered();
    Plan plan = plan("select id from orders", "200ms", "kept patience: 60s");
    try (RunningJob job = new Launcher(Sessions.spark(), delivered, List.of()).launch(plan)) {
      add(0, 5);
      until(job, delivered, 5);
      database.crash();
      add(5, 9);
      assertThat(job.await(Duration.ofSeconds(1))).isFalse();
      database.restart();
      until(job, delivered, 9);
    }
    assertThat(count("kept")).isEqualTo(9);
  }

  @Test
  void losesAndDoublesNothingWhenTheDatabaseIsAwayBetweenBatches() {
    Jobs.Delivered delivered = new Jobs.Delivered();
    Plan plan = plan("select id from orders", "200ms", "between patience: 1s, retry: 0s");
    long begun;
    try (RunningJob job = new Launcher(Sessions.spark(), delivered, List.of()).launch(plan)) {
      add(0, 5);
      until(job, delivered, 5);
      database.crash();
      begun = System.nanoTime();
      add(5, 9);
      assertThatThrownBy(job::await)
          .isInstanceOf(JobFailedException.class)
          .hasMessageMatching("Query 'orders' stopped: batch 1, sink 'between': " + GONE);
    }
    assertThatThrownBy(() -> Jobs.run(plan))
        .hasMessageMatching("Cannot start query 'orders': sink 'between': " + GONE);
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(BOUND);
    database.restart();
    again("between patience: 1s, retry: 0s", "select id from orders", 9);
  }

  @Test
  void losesAndDoublesNothingWhenTheDatabaseGoesAwayWithinABatch() throws Exception {
    String slow =
        "select id, repeat('x', 3000) as pad, java_method('java.lang.Thread', 'sleep', 10L) as nap"
            + " from orders";
    Plan plan = plan(slow, "200ms", "within patience: 1s, retry: 0s");
    try (RunningJob job = new Launcher(Sessions.spark()).launch(plan)) {
      add(0, 400);
      while (database.number(
              "select count(*) from pg_stat_activity where query like 'copy %within%'")
          == 0) {
        assertThat(job.await(Duration.ofMillis(50))).isFalse();
      }
      database.crash();
      assertThatThrownBy(job::await)
          .isInstanceOf(JobFailedException.class)
          .hasMessageMatching("Query 'orders' stopped: batch 0, sink 'within': " + GONE)
          .hasMessageContaining("start the job again: the ledger knows");
    }
    database.restart();
    again("within patience: 1s, retry: 0s", slow.replace("10L", "0L"), 400);
  }

  @Test
  void goesOnByItselfWhenTheDatabaseIsBack() {
    Jobs.Delivered delivered = new Jobs.Delivered();
    Plan plan = plan("select id from orders", "200ms", "again patience: 1s");
    try (RunningJob job = new Launcher(Sessions.spark(), delivered, List.of()).launch(plan)) {
      add(0, 5);
      until(job, delivered, 5);
      database.crash();
      add(5, 9);
      assertThat(job.await(Duration.ofSeconds(4))).isFalse();
      database.restart();
      until(job, delivered, 9);
    }
    assertThat(count("again")).isEqualTo(9);
    assertThat(database.number("select count(distinct id) from again_" + id)).isEqualTo(9);
  }

  @Test
  void asksTheLedgerWhenTheAnswerToACommitIsLost() {
    int port = URI.create(url().substring("jdbc:".length())).getPort();
    try (Relay relay = Relay.to(port)) {
      detour = Optional.of(url().replace(":" + port, ":" + relay.port()));
      Plan plan = plan("select id from orders", "200ms", "asked");
      try (RunningJob job = new Launcher(Sessions.spark()).launch(plan)) {
        add(0, 3);
        untilThere(job, "asked", 3);
        relay.loseTheAnswerTo("set \"last_batch\" = ", "");
        add(3, 6);
        untilThere(job, "asked", 6);
        add(6, 9);
        untilThere(job, "asked", 9);
        assertThat(relay.lost()).isTrue();
      }
    }
    assertThat(count("asked")).isEqualTo(9);
    assertThat(database.number("select count(distinct id) from asked_" + id)).isEqualTo(9);
  }

  @Test
  void stopsWhenAFaultOfTheDatabaseLasts() throws SQLException {
    String sink = "locked lock-timeout: 200ms, retry: 2s";
    add(0, 2);
    Jobs.run(plan("select id from orders", "available-now", sink));
    add(2, 5);
    try (Connection other = database.connection()) {
      other.setAutoCommit(false);
      other.createStatement().execute("lock table locked_" + id);
      assertThatThrownBy(() -> Jobs.run(plan("select id from orders", "available-now", sink)))
          .isInstanceOf(JobFailedException.class)
          .hasMessageMatching(
              "Query 'orders' stopped: batch 1, sink 'locked': Cannot write to the table .*raise"
                  + " lock-timeout, which is 200 ms\\. It was tried [0-9]+ times in [0-9]+s");
    }
    again(sink, "select id from orders", 5);
  }

  @Test
  void countsNoRowTwiceWhereABatchWithStateIsTriedAgain() throws Exception {
    MemoryRows times = MemoryRows.named(id + "t");
    String text =
        """
        job: ${ID}
        checkpoint: ${HOME}/checkpoints
        sources:
          - name: orders
            memory: {name: "${ID}t", schema: "at timestamp"}
            watermark: {time: at, delay: 1m}
        steps:
          - {name: counted, window: {time: at, every: 1m, aggregate: {n: count(1)}}}
        sinks:
          - name: minutes
            jdbc: {url: "%s", user: "%s", table: "minutes_${ID}", keys: [window_start], lock-timeout: 200ms}
            mode: update
            write: upsert
            trigger: 200ms
        """
            .formatted(url(), database.user());
    Plan plan = Jobs.plan(text, Map.of("ID", id, "HOME", home.toString()));
    org.apache.spark.sql.Row row = RowFactory.create(Timestamp.from(Instant.EPOCH));
    try (RunningJob job = new Launcher(Sessions.spark()).launch(plan)) {
      times.add(row, row, row);
      untilCounted(job, 3);
      try (Connection other = database.connection()) {
        other.setAutoCommit(false);
        other.createStatement().execute("lock table minutes_" + id);
        times.add(row, row, row, row);
        assertThat(job.await(Duration.ofSeconds(3))).isFalse();
      }
      untilCounted(job, 7);
      times.add(row);
      untilCounted(job, 8);
    }
  }

  private void untilCounted(RunningJob job, long expected) {
    long end = System.nanoTime() + BOUND.toNanos();
    long found = 0;
    while (found < expected) {
      assertThat(job.await(Duration.ofMillis(50))).isFalse();
      assertThat(System.nanoTime()).as("in time").isLessThan(end);
      found = database.number("select coalesce(sum(n), 0) from minutes_" + id);
    }
    assertThat(found).isEqualTo(expected);
  }

  private void untilThere(RunningJob job, String sink, long expected) {
    long end = System.nanoTime() + BOUND.toNanos();
    while (database.number(
                "select count(*) from pg_class where relname = '" + sink + "_" + id + "'")
            == 0
        || count(sink) < expected) {
      assertThat(job.await(Duration.ofMillis(50))).isFalse();
      assertThat(System.nanoTime()).as("in time").isLessThan(end);
    }
  }

  /** The job as it was, until it has nothing more to do; and once more. */
  private void again(String sink, String step, int expected) {
    Jobs.run(plan(step, "available-now", sink));
    String name = sink.split(" ", 2)[0];
    assertThat(count(name)).isEqualTo(expected);
    assertThat(database.number("select count(distinct id) from " + name + "_" + id))
        .isEqualTo(expected);
    Jobs.run(plan(step, "available-now", sink));
    assertThat(count(name)).isEqualTo(expected);
  }

  private static void until(RunningJob job, Jobs.Delivered delivered, long expected) {
    long end = System.nanoTime() + BOUND.toNanos();
    while (delivered.rows().values().stream().mapToLong(Long::longValue).sum() < expected) {
      assertThat(job.await(Duration.ofMillis(50))).isFalse();
      assertThat(System.nanoTime()).as("in time").isLessThan(end);
    }
  }

  private long count(String sink) {
    return database.number("select count(*) from " + sink + "_" + id);
  }
}
