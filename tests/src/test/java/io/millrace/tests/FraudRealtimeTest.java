package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.engine.run.Launcher;
import io.millrace.engine.run.RunningJob;
import io.millrace.engine.run.Training;
import io.millrace.engine.spi.BatchReport;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LocalBroker;
import io.millrace.engine.testing.Sessions;
import io.millrace.engine.testing.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The forest of {@code conf/models/fraud-realtime.yaml} in the job that decides by it. */
class FraudRealtimeTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int LEARNED = 2_000;

  private final String id = "fraud" + UUID.randomUUID().toString().substring(0, 8);
  private final Path home = Folders.temporary("fraud");
  private final Map<String, String> variables =
      Map.of(
          "CHECKPOINTS", home.resolve("checkpoints").toString(),
          "LAKE", home.toString(),
          "MODELS", home.resolve("models").toString(),
          "KAFKA", servers());
  private final List<BatchReport> reports = new CopyOnWriteArrayList<>();

  private static String servers() {
    return LocalBroker.shared().servers();
  }

  private static String transaction(long number) {
    long mixed = Long.hashCode(number * 0x9E3779B97F4A7C15L) & 0x7FFFFFFFL;
    double amount = mixed % 3 == 0 ? mixed % 2000 + 1 : (mixed % 200_000 + 1) / 100.0;
    String country = mixed % 5 == 0 ? "DE" : "FR";
    boolean fraud = amount > 700 && country.equals("DE") != (mixed % 41 == 0);
    return String.format(
        Locale.ROOT,
        "{\"transaction_id\":\"t%d\",\"card\":\"c%d\",\"amount\":%s,\"merchant\":\"m%d\","
            + "\"country\":\"%s\",\"home_country\":\"FR\",\"paid_at\":\"%s\",\"is_fraud\":%s}",
        number,
        number % 50,
        amount,
        mixed % 12,
        country,
        Instant.ofEpochSecond(1_767_225_600 + number * 60),
        fraud);
  }

  @BeforeEach
  void setUp() throws IOException {
    Path history = Files.createDirectories(home.resolve("transaction_history"));
    Files.write(
        history.resolve("all.json"),
        LongStream.range(0, LEARNED).mapToObj(FraudRealtimeTest::transaction).toList());
    for (String topic : List.of("transactions", "decisions", "transactions-dead")) {
      LocalBroker.shared().createTopic(id + topic, 1);
    }
  }

  private String train() {
    Path file = Jobs.folder("conf/models").resolve("fraud-realtime.yaml");
    return new Training(Sessions.spark()).run(Jobs.training(file, variables)).version();
  }

  /** The job file with topics of this test, batches that a test can wait for, and drift. */
  private RunningJob launch() throws IOException {
    String job =
        Files.readString(Jobs.folder("conf/jobs").resolve("fraud-realtime.yaml"))
            .replace("[transactions]", "[" + id + "transactions]")
            .replace("topic: ", "topic: " + id)
            .replace("realtime: 1m", "realtime: 5s")
            .replace("version: decided_by", "version: decided_by\n      drift: {least: 20}");
    Launcher launcher = new Launcher(Sessions.spark(), reports::add, List.of());
    return launcher.launch(Jobs.plan(job, variables));
  }

  private List<JsonNode> decisions() throws IOException {
    List<JsonNode> all = new ArrayList<>();
    for (String value : Topics.values(servers(), id + "decisions")) {
      all.add(new ObjectMapper().readTree(value));
    }
    return all;
  }

  private List<JsonNode> await(int rows) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    List<JsonNode> found = decisions();
    while (found.size() < rows && System.nanoTime() < end) {
      Thread.sleep(20);
      found = decisions();
    }
    return found;
  }

  @Test
  void decidesOnEachTransactionAsItComesAndByTheNewerForestFromABatchOn() throws Exception {
    String first = train();
    int sent = 0;
    Set<String> versions = new LinkedHashSet<>();
    String second;
    try (RunningJob job = launch()) {
      for (; sent < 40; sent++) {
        Topics.write(servers(), id + "transactions", transaction(LEARNED + sent));
      }
      assertThat(await(sent)).hasSize(sent);
      second = train();
      long end = System.nanoTime() + PATIENCE.toNanos();
      while (!versions.contains(second) && System.nanoTime() < end) {
        Topics.write(servers(), id + "transactions", transaction(LEARNED + sent));
        sent++;
        await(sent).forEach(decision -> versions.add(decision.get("decided_by").asText()));
      }
      Topics.write(
          servers(),
          id + "transactions",
          transaction(0).replace("\"home_country\":\"FR\",", "").replace("\"t0\"", "\"unknown\""));
      assertThat(await(sent + 1)).hasSize(sent + 1);
      assertThat(job.queries()).hasSize(1);
    }

    assertThat(versions).containsExactly(first, second);
    assertThat(reports)
        .flatExtracting(report -> report.parts().values())
        .anySatisfy(
            part -> {
              assertThat(part.version()).isEqualTo(first);
              assertThat(part.figures()).containsKeys("psi.amount", "ks.amount", "unseen.merchant");
            });
    Map<String, JsonNode> all = new HashMap<>();
    decisions().forEach(decision -> all.put(decision.get("transaction_id").asText(), decision));
    assertThat(all).hasSize(sent + 1);
    assertThat(all.values()).anyMatch(decision -> decision.get("fraud").asDouble() > 0.4);
    JsonNode unknown = Objects.requireNonNull(all.get("unknown"));
    assertThat(unknown.has("decided_by")).isFalse();
    assertThat(unknown.get("fraud").asDouble()).isIn(0.5, 1.0);
  }
}
