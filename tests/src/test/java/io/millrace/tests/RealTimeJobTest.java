package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.run.JobFailedException;
import io.millrace.engine.run.Launcher;
import io.millrace.engine.run.RefusedStartException;
import io.millrace.engine.run.RunningJob;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LocalBroker;
import io.millrace.engine.testing.Sessions;
import io.millrace.engine.testing.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Jobs that hand on each row as it comes, over a real broker. */
class RealTimeJobTest {
  private static final int KILLS = 1;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final String SOURCE =
      """
      job: ${ID}
      checkpoint: ${HOME}/checkpoints
      sources:
        - name: orders
          kafka: {servers: "${KAFKA}", topics: ["${ID}-in"]}
          decode: {json: "id string not null, price double, shard int"}
      dead-letters:
        kafka: {servers: "${KAFKA}", topic: "${ID}-dead", value: reason}
      """;

  private static final String ROUTED =
      SOURCE
          + """
          steps:
            - name: valid
              validate: [{rule: priced, that: "price > 0", else: dead-letter}]
            - {name: taxed, sql: "select id, price * 2 as price from valid"}
          sinks:
            - name: cheap
              from: valid
              when: "price <= 10"
              kafka: {servers: "${KAFKA}", topic: "${ID}-cheap", value: id}
              trigger: realtime
            - name: dear
              from: taxed
              when: "price > 10"
              kafka: {servers: "${KAFKA}", topic: "${ID}-out", value: id}
              trigger: realtime
          """;

  private static final String PLAIN =
      SOURCE
          + """
          sinks:
            - name: out
              from: orders
              kafka: {servers: "${KAFKA}", topic: "${ID}-out", value: id}
              trigger: realtime
          """;

  private final String id = "rt" + UUID.randomUUID().toString().substring(0, 8);
  private final Path home = Folders.temporary("realtime");
  private final Map<String, String> variables =
      Map.of("HOME", home.toString(), "ID", id, "KAFKA", servers());

  private static String servers() {
    return LocalBroker.shared().servers();
  }

  @BeforeEach
  void topics() {
    LocalBroker.shared().createTopic(id + "-in", 2);
    LocalBroker.shared().createTopic(id + "-out", 1);
    LocalBroker.shared().createTopic(id + "-cheap", 1);
    LocalBroker.shared().createTopic(id + "-dead", 1);
  }

  private Plan plan(String job) {
    return Jobs.plan(job, variables);
  }

  private RunningJob launch(String job) {
    return new Launcher(Sessions.spark()).launch(plan(job));
  }

  private void order(String order, double price) {
    Topics.write(servers(), id + "-in", "{\"id\":\"%s\",\"price\":%s}".formatted(order, price));
  }

  private List<String> in(String topic) {
    return Topics.values(servers(), id + "-" + topic).stream().sorted().toList();
  }

  /** What a topic has, as soon as it is so much. */
  private List<String> await(String topic, int rows) throws InterruptedException {
    Supplier<List<String>> now = () -> in(topic);
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (now.get().size() < rows && System.nanoTime() < end) {
      Thread.sleep(20);
    }
    return now.get();
  }

  private List<String> refusals(String job) {
    return catchThrowableOfType(RefusedStartException.class, () -> launch(job).close()).reasons();
  }

  @Test
  void handsOnEachRowAsItComesToItsRouteOrTheDeadLetters() throws Exception {
    order("before", 30);
    try (RunningJob job = launch(ROUTED)) {
      assertThat(await("out", 1)).containsExactly("before");
      order("a", 3);
      order("b", 7);
      order("c", -1);
      Topics.write(servers(), id + "-in", "not json");

      assertThat(await("cheap", 2)).containsExactly("a", "b");
      assertThat(await("out", 2)).containsExactly("b", "before");
      assertThat(await("dead", 2))
          .anyMatch(reason -> reason.contains("price > 0"))
          .anyMatch(reason -> reason.contains("not json") || reason.contains("JSON"));
      assertThat(Objects.requireNonNull(job.queries().get("orders")).isActive()).isTrue();
    }
  }

  @Test
  void aStopEndsTheBatchSoThatNoRowComesTwice() throws Exception {
    for (int start = 0; start < 3; start++) {
      try (RunningJob job = launch(PLAIN)) {
        order("o" + start, 1);
        assertThat(await("out", start + 1)).hasSize(start + 1);
        long before = System.nanoTime();
        job.close();
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(20));
      }
    }

    assertThat(in("out")).containsExactly("o0", "o1", "o2");
  }

  @Test
  void batchesAndRealTimeFollowEachOther() throws Exception {
    String batches = PLAIN.replace("trigger: realtime", "trigger: available-now");
    order("a", 1);
    Jobs.run(plan(batches));
    order("b", 1);
    try (RunningJob job = launch(PLAIN)) {
      assertThat(await("out", 2)).containsExactly("a", "b");
      assertThat(job.plan().queries()).hasSize(1);
    }
    order("c", 1);
    Jobs.run(plan(batches));

    assertThat(in("out")).containsExactly("a", "b", "c");
  }

  @Test
  void aBatchThatIsNotDoneKeepsTheOtherModeOut() throws Exception {
    String batches = PLAIN.replace("trigger: realtime", "trigger: available-now");
    order("a", 1);
    Jobs.run(plan(batches));
    Jobs.forget(home.resolve("checkpoints"), "orders", 0);

    assertThat(refusals(PLAIN))
        .containsExactly(
            "Cannot go on in real time from the checkpoint "
                + home
                + "/checkpoints/orders: batch 0 of it was begun in batches and is not done. Start"
                + " the job once more as it was and stop it, then change its trigger");
    Jobs.run(plan(batches));
    launch(PLAIN).close();
    assertThat(in("out")).containsOnly("a");
  }

  @Test
  void tooFewSlotsAreToldAtTheStart() {
    LocalBroker.shared().createTopic(id + "-wide", 3);

    assertThatThrownBy(() -> launch(PLAIN.replace("${ID}-in", "${ID}-wide")).close())
        .isInstanceOf(JobFailedException.class)
        .hasMessage(
            "Cannot start query 'orders': Needs 3 core slots in real time, one for each partition,"
                + " and Spark has 2. What has no slot would not be read. Start Spark with --master"
                + " local[3], or on a cluster with as many cores; partitions: 3 of query orders");
  }

  @Test
  void queriesShareTheSlots() {
    String two =
        PLAIN
            + PLAIN
                .substring(PLAIN.indexOf("  - name: out"))
                .replace("name: out", "name: more")
                .replace("trigger: realtime", "trigger: {realtime: 10s}");

    assertThatThrownBy(() -> launch(two).close())
        .isInstanceOf(JobFailedException.class)
        .hasMessageContaining("Needs 4 core slots in real time")
        .hasMessageContaining("partitions: 2 of query orders, 2 of query orders_realtime");
  }

  @Test
  void whatASinkRefusesIsADeadLetterWhenTheBatchEnds() throws Exception {
    String sharded = PLAIN.replace("value: id}", "value: id, partition: shard}");
    try (RunningJob job = launch(sharded)) {
      Topics.write(
          servers(), id + "-in", "{\"id\":\"good\",\"shard\":0}", "{\"id\":\"lost\",\"shard\":7}");
      assertThat(await("out", 1)).containsExactly("good");
      job.close();
    }

    assertThat(await("dead", 1))
        .containsExactly("partition 7 is none of topic " + id + "-out, which has 1, from 0 on");
  }

  private String withShops(String step) throws IOException {
    Path table = Files.createDirectory(home.resolve("shops"));
    Files.writeString(table.resolve("shops.csv"), "s1,Paris\ns2,Rome\n");
    return PLAIN
        .replace(
            "dead-letters:",
            """
              - name: shops
                files: {path: "${HOME}/shops", format: csv, schema: "id string, town string"}
                static: true
            steps:
              - {name: known, %s}
            dead-letters:\
            """
                .formatted(step))
        .replace("from: orders\n    kafka", "from: known\n    kafka")
        .replace("value: id}", "value: town}");
  }

  @Test
  void aStaticTableIsLookedUp() throws Exception {
    String looked = withShops("from: orders, lookup: {table: shops, on: [id], missing: drop}");
    try (RunningJob job = launch(looked)) {
      order("s2", 1);
      order("s9", 1);
      order("s1", 1);
      Topics.write(servers(), id + "-in", "broken");

      assertThat(await("out", 2)).containsExactly("Paris", "Rome");
      assertThat(await("dead", 1)).hasSize(1);
      assertThat(Objects.requireNonNull(job.queries().get("orders")).isActive()).isTrue();
    }
  }

  @Test
  void whatSparkDoesNotTakeEndsTheStart() throws Exception {
    String joined =
        withShops(
                "sql: \"select town from orders join shops on orders.price > length(shops.town)\"")
            .replace("dead-letters:\n  kafka:", "dead-letters: drop\n#  kafka:");

    assertThatThrownBy(() -> launch(joined).close())
        .isInstanceOf(JobFailedException.class)
        .hasMessageStartingWith("Cannot start query 'orders': ")
        .hasMessageContaining("BroadcastNestedLoopJoinExec");
  }

  @Test
  void losesNoRowHoweverOftenItIsKilled() throws IOException, InterruptedException {
    int rows = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      try (JobProcess job =
          JobProcess.run(home, PLAIN.replace("realtime", "{realtime: 5s}"), variables)) {
        int first = rows;
        String[] orders =
            IntStream.range(first, first + 500)
                .mapToObj(n -> "{\"id\":\"%05d\"}".formatted(n))
                .toArray(String[]::new);
        Topics.write(servers(), id + "-in", orders);
        rows += 500;
        int seen = first + 250;
        job.until(() -> in("out").stream().distinct().count() >= seen);
      }
    }
    try (RunningJob job = launch(PLAIN)) {
      int all = rows;
      long end = System.nanoTime() + PATIENCE.toNanos();
      while (in("out").stream().distinct().count() < all && System.nanoTime() < end) {
        Thread.sleep(50);
      }
      assertThat(Objects.requireNonNull(job.queries().get("orders")).isActive()).isTrue();
    }

    assertThat(in("out").stream().distinct().toList())
        .isEqualTo(IntStream.range(0, rows).mapToObj("%05d"::formatted).toList());
  }
}
