package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.plan.PlanText;
import io.millrace.engine.run.JobFailedException;
import io.millrace.engine.run.Launcher;
import io.millrace.engine.run.Ledgers;
import io.millrace.engine.run.RefusedStartException;
import io.millrace.engine.run.RunningJob;
import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.JobReader;
import io.millrace.engine.spec.JobSpec;
import io.millrace.engine.spec.Variables;
import io.millrace.engine.spec.YamlReader;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LocalBroker;
import io.millrace.engine.testing.Sessions;
import io.millrace.engine.testing.Topics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Jobs that write each row once into a topic, over failures, restarts and lost memories. */
class KafkaDeliveryTest {
  private static final String SOURCE =
      """
      job: ${ID}
      checkpoint: ${HOME}/checkpoints
      sources:
        - name: orders
          kafka: {servers: "${KAFKA}", topics: ["${ID}-in"]}
          decode: {json: "id string not null, price double, at timestamp"}
          watermark: {time: at, delay: 1m}
      dead-letters: drop
      """;

  private static final String STATELESS =
      SOURCE
          + """
          sinks:
            - name: out
              from: orders
              kafka: {servers: "${KAFKA}", topic: "${ID}-out", key: id, value: id}
              delivery: exactly-once
              trigger: available-now
          """;

  private static final String CHECKED =
      SOURCE
          + """
          steps:
            - name: checked
              sql: select if(price < 0, raise_error('negative'), id) as id from orders
          sinks:
            - name: out
              kafka: {servers: "${KAFKA}", topic: "${ID}-out", value: id}
              delivery: exactly-once
              trigger: available-now
          """;

  private static final String STATEFUL =
      SOURCE
          + """
          spark: {spark.sql.streaming.noDataMicroBatches.enabled: "false"}
          steps:
            - name: counted
              window: {time: at, every: 1m, aggregate: {orders: count(1), turnover: sum(price)}}
            - name: told
              sql: select concat(orders, ' for ', turnover) as line from counted
          sinks:
            - name: out
              kafka: {servers: "${KAFKA}", topic: "${ID}-out", value: line}
              mode: update
              delivery: exactly-once
              trigger: available-now
          """;

  private final String id = "k" + UUID.randomUUID().toString().substring(0, 8);
  private final Path home = Folders.temporary("delivery");
  private final Path checkpoints = home.resolve("checkpoints");
  private final Map<String, String> variables =
      Map.of("HOME", home.toString(), "ID", id, "KAFKA", servers());

  private static String servers() {
    return LocalBroker.shared().servers();
  }

  @BeforeEach
  void topics() {
    LocalBroker.shared().createTopic(id + "-in", 2);
    LocalBroker.shared().createTopic(id + "-out", 2);
  }

  private Plan plan(String job) {
    return Jobs.plan(job, variables);
  }

  private Map<String, Long> run(String job) {
    return Jobs.run(plan(job));
  }

  private void order(String id, double price, String time) {
    Topics.write(
        servers(),
        this.id + "-in",
        "{\"id\":\"%s\",\"price\":%s,\"at\":\"2026-01-01T%sZ\"}".formatted(id, price, time));
  }

  private List<String> out() {
    Topics.awaitDecided(servers(), id + "-out");
    return Topics.values(servers(), id + "-out").stream().sorted().toList();
  }

  private List<String> refusals(String job) {
    return catchThrowableOfType(RefusedStartException.class, () -> run(job)).reasons();
  }

  private void adopt(String job) {
    try (RunningJob running =
        new Launcher(Sessions.spark()).launch(plan(job), Launcher.Start.ADOPTING)) {
      running.await();
    }
  }

  /** Batches begun and done, the last of the sink, and whether they fit. */
  private String ledger(String job) {
    Ledgers.Line line = Ledgers.of(Sessions.spark(), plan(job)).get(0);
    return "%d %d %s %s"
        .formatted(
            line.begun(),
            line.done(),
            line.held().map(held -> Long.toString(held.batch())).orElse("-"),
            line.verdict());
  }

  @Test
  void planTellsTheGuaranteeThatIsAskedFor() {
    assertThat(text(STATELESS)).containsPattern("out +kafka from orders: .*, exactly-once");
    assertThat(text(STATELESS.replace("delivery: exactly-once", "delivery: at-least-once")))
        .containsPattern("out +kafka from orders: .*, at-least-once");
  }

  private String text(String text) {
    Findings findings = new Findings();
    JobSpec job =
        new YamlReader(Variables.of(variables))
            .read(text, "job.yaml", findings)
            .flatMap(tree -> JobReader.read(tree, home, findings))
            .orElseThrow();
    return PlanText.of(job, plan(text));
  }

  @Test
  void aBatchThatComesAgainChangesNothing() {
    order("a", 1, "00:00:01");
    assertThat(run(STATELESS)).isEqualTo(Map.of("out", 1L));
    order("b", 2, "00:00:02");
    assertThat(run(STATELESS)).isEqualTo(Map.of("out", 1L));
    Jobs.forget(checkpoints, "orders", 1);

    assertThat(run(STATELESS)).as("rows that became visible").isEmpty();
    assertThat(out()).containsExactly("a", "b");
    order("c", 3, "00:00:03");
    run(STATELESS);
    assertThat(out()).containsExactly("a", "b", "c");
    assertThat(ledger(STATELESS)).isEqualTo("2 2 2 fits");
  }

  @Test
  void aBatchWithStateThatComesAgainChangesNothing() {
    order("a", 1, "00:00:01");
    run(STATEFUL);
    order("b", 2, "00:00:02");
    run(STATEFUL);
    assertThat(Jobs.last(checkpoints, "counted_update")).isEqualTo(1);
    Jobs.forget(checkpoints, "counted_update", 1);

    run(STATEFUL);
    assertThat(out()).containsExactly("1 for 1.0", "2 for 3.0");
    order("c", 4, "00:00:03");
    run(STATEFUL);
    assertThat(out()).containsExactly("1 for 1.0", "2 for 3.0", "3 for 7.0");
  }

  @Test
  void showsNothingOfABatchThatFails() {
    order("a", 1, "00:00:01");
    order("b", -1, "00:00:02");
    assertThatThrownBy(() -> run(CHECKED))
        .isInstanceOf(JobFailedException.class)
        .hasMessageContaining("negative");
    assertThat(out()).isEmpty();
    assertThat(ledger(CHECKED)).isEqualTo("0 -1 -1 fits");

    run(CHECKED.replace("price < 0", "price < -1"));
    assertThat(out()).containsExactly("a", "b");
  }

  @Test
  void aCheckpointThatWentBackIsRefusedUntilItIsAdopted() throws IOException {
    order("a", 1, "00:00:01");
    run(STATELESS);
    Path copy = home.resolve("copy");
    copy(checkpoints, copy);
    order("b", 2, "00:00:02");
    run(STATELESS);
    Folders.delete(checkpoints);
    copy(copy, checkpoints);

    assertThat(refusals(STATELESS))
        .singleElement()
        .asString()
        .contains("It ends at batch 0, sink 'out' has batches up to 1: batch 1 would be written");
    assertThat(ledger(STATELESS)).isEqualTo("0 0 1 the checkpoint went back in time");
    adopt(STATELESS);
    assertThat(out()).containsExactly("a", "b", "b");
    assertThat(ledger(STATELESS)).isEqualTo("1 1 1 fits");
  }

  @Test
  void aCheckpointThatWasReplacedIsRefusedUntilItIsAdopted() {
    order("a", 1, "00:00:01");
    run(STATELESS);
    Folders.delete(checkpoints);

    assertThat(refusals(STATELESS))
        .singleElement()
        .asString()
        .contains("sink 'out' has batches up to 0 of another checkpoint");
    adopt(STATELESS);
    assertThat(out()).containsExactly("a", "a");
  }

  @Test
  void aLedgerThatWentBackIsRefusedUntilItIsAdopted() throws Exception {
    order("a", 1, "00:00:01");
    run(STATELESS);
    order("b", 2, "00:00:02");
    run(STATELESS);
    order("c", 3, "00:00:03");
    run(STATELESS);
    String topic = "millrace-ledger-" + id + "-out";
    List<ConsumerRecord<byte[], byte[]>> marks = Topics.read(servers(), topic);
    try (Admin admin = admin()) {
      admin.deleteTopics(List.of(topic)).all().get();
    }

    assertThat(refusals(STATELESS))
        .singleElement()
        .asString()
        .contains("sink 'out' knows nothing of this job")
        .contains("batches 0 to 2");
    try (Admin admin = admin()) {
      NewTopic compacted = new NewTopic(topic, 1, (short) 1);
      admin
          .createTopics(List.of(compacted.configs(Map.of("cleanup.policy", "compact"))))
          .all()
          .get();
    }
    ConsumerRecord<byte[], byte[]> first =
        marks.stream()
            .filter(
                mark -> new String(mark.value(), StandardCharsets.UTF_8).contains("\"batch\":0"))
            .findFirst()
            .orElseThrow();
    Topics.write(servers(), List.of(new ProducerRecord<>(topic, first.key(), first.value())));
    assertThat(refusals(STATELESS))
        .singleElement()
        .asString()
        .contains("sink 'out' went back in time. It has batches up to 0")
        .contains("Missing in the sink: batches 1 to 2");

    adopt(STATELESS);
    order("d", 4, "00:00:04");
    run(STATELESS);
    assertThat(out()).containsExactly("a", "b", "c", "d");
  }

  private static Admin admin() {
    return Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, servers()));
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : all.toList()) {
        Files.copy(path, to.resolve(from.relativize(path).toString()));
      }
    }
  }
}
