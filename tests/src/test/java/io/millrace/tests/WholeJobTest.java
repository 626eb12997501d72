package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.source.MemoryRows;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LocalBroker;
import io.millrace.engine.testing.LocalPostgres;
import io.millrace.engine.testing.Sessions;
import io.millrace.engine.testing.Topics;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;

/** Jobs from a topic to every sink, with restarts and crashes in between. */
class WholeJobTest {
  private static final String SOURCE =
      """
      job: orders_${ID}
      checkpoint: ${HOME}/checkpoints
      sources:
        - name: orders
          kafka: {servers: "${KAFKA}", topics: ["${ID}-in"]}
          decode: {json: "id string not null, price double, at timestamp"}
          watermark: {time: at, delay: 1m}
      dead-letters:
        delta: {path: "${HOME}/dead"}
      """;

  private static final String STATELESS =
      SOURCE
          + """
          steps:
            - name: valid
              validate: [{rule: price_positive, that: price > 0}]
          sinks:
            - name: database
              jdbc: {url: "${DB}", user: "${DB_USER}", table: "orders_${ID}"}
              trigger: available-now
            - name: topic
              kafka: {servers: "${KAFKA}", topic: "${ID}-out", key: id}
              trigger: available-now
            - name: table
              delta: {path: "${HOME}/table"}
              trigger: available-now
          """;

  private static final String STATEFUL =
      SOURCE
          + """
          steps:
            - name: per_minute
              window: {time: at, every: 1m, aggregate: {orders: count(1), turnover: sum(price)}}
          sinks:
            - name: database
              jdbc: {url: "${DB}", user: "${DB_USER}", table: "minutes_${ID}"}
              trigger: available-now
            - name: table
              delta: {path: "${HOME}/minutes"}
              trigger: available-now
          """;

  private final String id = "w" + UUID.randomUUID().toString().substring(0, 8);
  private final Path home = Folders.temporary("whole");
  private final Map<String, String> variables =
      Map.of(
          "HOME", home.toString(),
          "ID", id,
          "KAFKA", LocalBroker.shared().servers(),
          "DB", LocalPostgres.shared().url(),
          "DB_USER", LocalPostgres.shared().user());

  @Test
  void everySinkHasEveryRowOnceOverARestart() {
    topics();
    write("{'id':'a','price':1,'at':'2026-01-01T00:00:01Z'}", "broken", "{'id':'b','price':-2}");
    assertThat(run(STATELESS))
        .isEqualTo(Map.of("database", 1L, "topic", 1L, "table", 1L, "dead_letters", 2L));

    write("{'id':'c','price':3,'at':'2026-01-01T00:00:02Z'}", "{'price':4}");
    assertThat(run(STATELESS))
        .isEqualTo(Map.of("database", 1L, "topic", 1L, "table", 1L, "dead_letters", 1L));

    assertThat(database("select id, price from orders_" + id)).containsExactly("a|1", "c|3");
    assertThat(delta("table", "id", "price")).containsExactly("[a,1.0]", "[c,3.0]");
    assertThat(Topics.values(servers(), id + "-out"))
        .hasSize(2)
        .anyMatch(value -> value.contains("\"id\":\"a\""))
        .anyMatch(value -> value.contains("\"id\":\"c\""));
    assertThat(delta("dead", "step", "rule"))
        .containsExactlyInAnyOrder(
            "[orders,decode]", "[orders,not_null]", "[valid,price_positive]");
  }

  @Test
  void aBatchThatComesAgainChangesNothing() {
    topics();
    write("{'id':'a','price':1,'at':'2026-01-01T00:00:01Z'}", "broken");
    run(STATELESS);
    write("{'id':'b','price':2,'at':'2026-01-01T00:00:02Z'}", "worse");
    run(STATELESS);
    Jobs.forget(home.resolve("checkpoints"), "orders", 1);

    Map<String, Long> again = run(STATELESS);

    assertThat(again.getOrDefault("database", 0L)).as("rows that became visible").isZero();
    assertThat(database("select id, price from orders_" + id)).containsExactly("a|1", "b|2");
    assertThat(delta("table", "id", "price")).containsExactly("[a,1.0]", "[b,2.0]");
    assertThat(delta("dead", "rule")).containsExactly("[decode]", "[decode]");
    write("{'id':'c','price':3,'at':'2026-01-01T00:00:03Z'}");
    run(STATELESS);
    assertThat(database("select id, price from orders_" + id)).containsExactly("a|1", "b|2", "c|3");
  }

  @Test
  void aBatchWithStateThatComesAgainChangesNothing() {
    topics();
    write("{'id':'a','price':1,'at':'2026-01-01T00:00:01Z'}");
    run(STATEFUL);
    write(
        "{'id':'b','price':2,'at':'2026-01-01T00:00:02Z'}",
        "{'id':'c','price':3,'at':'2026-01-01T00:09:00Z'}");
    run(STATEFUL);
    Path checkpoints = home.resolve("checkpoints");
    Jobs.forget(checkpoints, "per_minute", Jobs.last(checkpoints, "per_minute"));

    run(STATEFUL);

    assertThat(database("select orders, turnover from minutes_" + id)).containsExactly("2|3");
    assertThat(delta("minutes", "orders", "turnover")).containsExactly("[2,3.0]");
    write("{'id':'d','price':4,'at':'2026-01-01T00:30:00Z'}");
    run(STATEFUL);
    assertThat(database("select orders, turnover from minutes_" + id))
        .containsExactly("1|3", "2|3");
    assertThat(delta("minutes", "orders", "turnover")).containsExactly("[1,3.0]", "[2,3.0]");
  }

  private static final String SHARED =
      """
      job: shared_${ID}
      checkpoint: ${HOME}/checkpoints
      sources:
        - name: orders
          memory: {name: "${ID}", schema: "id string, price double"}
      sinks:
        - {name: all, memory: "${ID}-all", trigger: available-now}
        - {name: dear, memory: "${ID}-dear", when: price > 10, trigger: available-now}
        - {name: database, jdbc: {url: "${DB}", user: "${DB_USER}", table: "s_${ID}"}, trigger: available-now}
        - {name: topic, kafka: {servers: "${KAFKA}", topic: "${ID}-out"}, trigger: available-now}
      """;

  @Test
  void rowSinksOfOnePathShareOneQueryOneReadAndOneJob() throws TimeoutException {
    LocalBroker.shared().createTopic(id + "-out", 1);
    MemoryRows rows = MemoryRows.named(id);
    rows.add(RowFactory.create("a", 1.0), RowFactory.create("b", 20.0));
    Plan plan = Jobs.plan(SHARED, variables);
    assertThat(plan.queries()).hasSize(1);
    JobsOfBatches jobs = new JobsOfBatches();
    Sessions.spark().sparkContext().addSparkListener(jobs);
    try {
      assertThat(Jobs.run(plan))
          .isEqualTo(Map.of("all", 2L, "dear", 1L, "database", 2L, "topic", 2L));
      Sessions.spark().sparkContext().listenerBus().waitUntilEmpty();
    } finally {
      Sessions.spark().sparkContext().removeSparkListener(jobs);
    }

    assertThat(rows.handedOut()).as("rows that the source handed out").isEqualTo(2);
    assertThat(jobs.started).as("Spark jobs of batch 0").hasSize(1);
  }

  /** The Spark jobs that streams started. */
  private static final class JobsOfBatches extends SparkListener {
    private final Set<Integer> started = ConcurrentHashMap.newKeySet();

    @Override
    public void onJobStart(SparkListenerJobStart job) {
      if (job.properties().getProperty("streaming.sql.batchId") != null) {
        started.add(job.jobId());
      }
    }
  }

  private void topics() {
    LocalBroker.shared().createTopic(id + "-in", 2);
    LocalBroker.shared().createTopic(id + "-out", 1);
  }

  private void write(String... records) {
    String[] json = new String[records.length];
    for (int i = 0; i < records.length; i++) {
      json[i] = records[i].replace('\'', '"');
    }
    Topics.write(servers(), id + "-in", json);
  }

  private Map<String, Long> run(String job) {
    return Jobs.run(Jobs.plan(job, variables));
  }

  private static String servers() {
    return LocalBroker.shared().servers();
  }

  private List<String> delta(String table, String first, String... more) {
    return Jobs.texts(
        Sessions.spark().read().format("delta").load(home + "/" + table).select(first, more));
  }

  /** Rows with bars between values, sorted. */
  private static List<String> database(String query) {
    return LocalPostgres.shared().read(query).stream().sorted().toList();
  }
}
