package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.plan.PlanRecord;
import io.millrace.engine.run.JobFailedException;
import io.millrace.engine.run.Launcher;
import io.millrace.engine.run.RunningJob;
import io.millrace.engine.source.MemoryRows;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LocalRegistry;
import io.millrace.engine.testing.Relay;
import io.millrace.engine.testing.Sessions;
import io.millrace.sinks.memory.MemorySink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Jobs over a registry whose schemas change, and that is away. */
class RegistryJobTest {
  private static final LocalRegistry REGISTRY = LocalRegistry.shared();
  private static final String FIRST = RegistryDecodeTest.FIRST;
  private static final String SECOND =
      RegistryDecodeTest.schema(
          "{'name': 'id', 'type': 'string'}, {'name': 'price', 'type': 'int'},"
              + " {'name': 'item', 'type': 'string', 'default': 'none'}");
  private static final String OTHER = RegistryDecodeTest.schema("{'name': 'sku', 'type': 'long'}");
  private static final Path HOME = Folders.temporary("registry-jobs");

  private static final String JOB =
      """
      job: ${ID}
      checkpoint: ${HOME}/${ID}
      sources:
        - name: orders
          memory: {name: "${ID}", schema: value binary}
          decode:
            avro:
              registry: {url: "${URL}", user: app, password: "${SECRET}", patience: 300ms}
              subject: ${ID}-value
              evolution: ${EVOLUTION}
              tombstones: ${TOMBSTONES}
      dead-letters: {memory: "${ID}-dead"}
      sinks:
        - name: out
          memory: ${ID}
          trigger: ${TRIGGER}
      """;

  private final String id = "r" + UUID.randomUUID().toString().substring(0, 8);
  private final Map<String, String> words = new LinkedHashMap<>();

  @BeforeEach
  void words() {
    words.put("ID", id);
    words.put("HOME", HOME.toString());
    words.put("URL", REGISTRY.url());
    words.put("SECRET", "${file:" + REGISTRY.password() + "}");
    words.put("EVOLUTION", "compatible");
    words.put("TOMBSTONES", "dead-letter");
    words.put("TRIGGER", "available-now");
  }

  private Plan plan() {
    return Jobs.plan(
        JOB.replace("\"${SECRET}\"", '"' + words.getOrDefault("SECRET", "") + '"'), words);
  }

  private int register(String schema) {
    return REGISTRY.register(id + "-value", schema);
  }

  private void send(String schema, Object... values) {
    add(RegistryDecodeTest.framed(register(schema), schema, values));
  }

  private void add(byte @Nullable [] payload) {
    MemoryRows.named(id).add(RowFactory.create(new @Nullable Object[] {payload}));
  }

  private static List<String> rows(String table) {
    return MemorySink.rows(table).stream().map(Row::toString).toList();
  }

  private static void await(RunningJob job, String table, int rows) {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (MemorySink.rows(table).size() < rows && System.nanoTime() < end) {
      assertThat(job.await(Duration.ofMillis(20))).as("still runs").isFalse();
    }
  }

  @Test
  void aNewSchemaIsTakenAtABatchBoundaryWithoutLosingARow() {
    words.put("TRIGGER", "10ms");
    send(FIRST, "a", 1);
    try (RunningJob job = new Launcher(Sessions.spark()).launch(plan())) {
      await(job, id, 1);
      send(SECOND, "b", 2, "lamp");
      send(FIRST, "c", 3);
      await(job, id, 3);
    }

    assertThat(rows(id)).containsExactly("[a,1]", "[b,2]", "[c,3]");
    assertThat(rows(id + "-dead")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"dead-letter, '[a,1]', 1", "drop, '[a,1]', 0", "keep, '[a,1] [null,null]', 0"})
  void aRecordWithoutAValueIsWhatTombstonesSays(String tombstones, String found, int dead) {
    words.put("TOMBSTONES", tombstones);
    send(FIRST, "a", 1);
    add(null);

    Jobs.run(plan());

    assertThat(rows(id)).containsExactlyInAnyOrder(found.split(" ", -1));
    assertThat(rows(id + "-dead")).hasSize(dead);
  }

  @Test
  void theNewestColumnsComeWithTheNextStartWhichReadsTheBatchAgain() {
    words.put("EVOLUTION", "latest");
    send(FIRST, "a", 1);
    assertThat(Jobs.run(plan())).containsEntry("out", 1L);

    words.put("TRIGGER", "10ms");
    try (RunningJob job = new Launcher(Sessions.spark()).launch(plan())) {
      send(FIRST, "b", 2);
      await(job, id, 2);
      send(SECOND, "c", 3, "lamp");
      assertThatThrownBy(() -> await(job, id, 3))
          .isInstanceOf(JobFailedException.class)
          .hasMessageContaining("Cannot read field item of schema id ")
          .hasMessageEndingWith(
              "Start the job again: it takes the newest columns and reads this batch once more");
    }
    words.put("TRIGGER", "available-now");
    Jobs.run(plan());

    assertThat(rows(id)).containsExactly("[a,1]", "[b,2]", "[c,3,lamp]");
    assertThat(rows(id + "-dead")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          fail       | with evolution: fail: its schema is not that of the job. Give the job that schema, or use evolution: compatible
          compatible | it does not fit the schema of the job: it lacks field id, which has no default. Give the job a schema that reads it, or use evolution: dead-letter
          """)
  void aSchemaThatIsNotTakenStopsTheJobBeforeItsBatchIsWritten(String evolution, String why) {
    int other = register(OTHER);
    send(FIRST, "a", 1);
    add(RegistryDecodeTest.framed(other, OTHER, 7L));
    words.put("EVOLUTION", evolution);
    Plan plan = plan();

    assertThatThrownBy(() -> Jobs.run(plan))
        .isInstanceOf(JobFailedException.class)
        .hasMessageContaining("Cannot read a payload of schema id " + other)
        .hasMessageEndingWith(why);
    assertThat(rows(id)).isEmpty();
    assertThat(rows(id + "-dead")).isEmpty();
  }

  @Test
  void rowsOfASchemaThatDoesNotFitBecomeDeadLettersThatNameTheRule() {
    int other = register(OTHER);
    send(FIRST, "a", 1);
    add(RegistryDecodeTest.framed(other, OTHER, 7L));
    add(RegistryDecodeTest.framed(7_000_002, FIRST, "b", 2));
    add(new byte[] {'{', '}', 0, 0, 0});
    words.put("EVOLUTION", "dead-letter");

    Jobs.run(plan());

    assertThat(rows(id)).containsExactly("[a,1]");
    assertThat(
            MemorySink.rows(id + "-dead").stream()
                .map(
                    row ->
                        row.<String>getAs("step")
                            + " "
                            + row.<String>getAs("rule")
                            + ": "
                            + row.<String>getAs("reason")))
        .containsExactlyInAnyOrder(
            "orders schema_misfit: Expected a schema that fits that of the job, found id %d: it lacks field id, which has no default"
                .formatted(other),
            "orders schema_unknown: Expected a schema that the registry knows, found id 7000002",
            "orders schema_header: Expected Avro behind byte 0 and the id of a schema, found byte"
                + " 123");
  }

  @Test
  void aRegistryThatIsAwayAtTheStartStopsItAndIsNoDeadLetter() {
    try (Relay relay = Relay.to(REGISTRY.port())) {
      words.put("URL", REGISTRY.url(relay));
    }
    send(FIRST, "a", 1);
    Plan plan = plan();

    assertThatThrownBy(() -> Jobs.run(plan))
        .isInstanceOf(JobFailedException.class)
        .hasMessageMatching(
            "Cannot start query '.*': Cannot reach the schema registry at http://localhost:.*:"
                + " nobody answers there\\. It was asked \\d+ times in 300ms\\. Check that it runs"
                + " and url is right, or raise patience");

    words.put("URL", REGISTRY.url());
    Jobs.run(plan());
    assertThat(rows(id)).containsExactly("[a,1]");
  }

  @Test
  void aRegistryThatGoesAwayWhileRunningStopsTheJobAndTheNextStartLosesNothing() {
    try (Relay relay = Relay.to(REGISTRY.port())) {
      words.put("URL", REGISTRY.url(relay));
      words.put("TRIGGER", "10ms");
      send(FIRST, "a", 1);
      try (RunningJob job = new Launcher(Sessions.spark()).launch(plan())) {
        await(job, id, 1);
        // One lost answer is asked for again.
        relay.loseTheAnswerTo("/schemas/ids/");
        send(SECOND, "b", 2, "lamp");
        await(job, id, 2);
        assertThat(relay.lost()).isTrue();

        relay.cutAtTheAnswerTo("/schemas/ids/");
        String third = SECOND.replace("none", "other");
        send(third, "c", 3, "desk");
        assertThatThrownBy(() -> await(job, id, 3))
            .isInstanceOf(JobFailedException.class)
            .hasMessageContaining("Cannot reach the schema registry at " + REGISTRY.url(relay));
      }
      relay.restore();
      words.put("TRIGGER", "available-now");
      Jobs.run(plan());
    }

    // The columns are those of the start that reads the row.
    assertThat(rows(id)).containsExactly("[a,1]", "[b,2]", "[c,3,desk]");
    assertThat(rows(id + "-dead")).isEmpty();
  }

  @Test
  void theSecretIsInNoPlan() {
    assertThat(List.of(PlanRecord.of(plan()), plan().toString()))
        .allSatisfy(
            text ->
                assertThat(text)
                    .contains("password=Optional[***]")
                    .doesNotContain(LocalRegistry.PASSWORD));
  }

  @Test
  void withoutASubjectTheStartSaysWhatIsMissing() {
    Plan plan = plan();

    assertThatThrownBy(() -> Jobs.run(plan))
        .isInstanceOf(JobFailedException.class)
        .hasMessageEndingWith(
            "Cannot find the columns: the schema registry at %s has no subject %s-value. Name it with subject, write a schema, or register one"
                .formatted(REGISTRY.url(), id));
  }

  private static final String OFFLINE =
      """
      job: offline
      checkpoint: /checkpoints
      sources:
        - name: orders
          kafka: {servers: "h:1", TOPICS}
          decode: {avro: {registry: {url: "http://localhost:1"}SETTINGS}}
      dead-letters: drop
      steps:
        - {name: wrong, sql: select nowhere from orders}
      sinks: [{name: out, memory: out}]
      """;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      nullValues = "none",
      textBlock =
          """
          topics: [a]    | none                                  | none
          topics: [a, b] | , subject: s                          | none
          topics: [a, b] | none                                  | 6:14  sources.orders.decode.avro: Missing subject: the source does not read one topic that names it. Name the subject whose newest schema gives the columns, or write a schema
          pattern: a.*   | none                                  | 6:14  sources.orders.decode.avro: Missing subject: the source does not read one topic that names it. Name the subject whose newest schema gives the columns, or write a schema
          topics: [a]    | , evolution: latest, schema: "$FIRST" | 6:14  sources.orders.decode.avro: Cannot take the newest columns and those of a schema. Leave out schema, or use evolution: compatible
          topics: [a]    | , schema: "$FIRST", schema-file: x    | 6:14  sources.orders.decode.avro: Cannot take both schema and schema-file. Write the fields, or name a file with schema-file
          topics: [a]    | , schema: "$FIRST"                    | 9:31  steps.wrong.sql: Unknown column 'nowhere'
          """)
  void lintGoesAsFarAsItCanWithoutANetwork(String topics, String settings, String sentence) {
    String job =
        OFFLINE
            .replace("TOPICS", topics)
            .replace("SETTINGS", settings == null ? "" : settings)
            .replace("$FIRST", FIRST.replace("\"", "\\\""));

    List<String> said = Jobs.lint(job, Map.of());

    if (sentence == null) {
      assertThat(said).isEmpty();
    } else {
      assertThat(said).singleElement().asString().startsWith("job.yaml:" + sentence);
    }
  }

  /** The whole job over records of two versions in one topic, where Kafka and tables are memory. */
  @Test
  void salesOfTwoVersionsAreValidatedSideBySide() throws IOException {
    String job =
        Files.readString(Jobs.folder("conf/jobs").resolve("sales-validated.yaml"))
            .replaceAll(
                "kafka: \\{[^}]*}\", topics: \\[(\\w+)][^}]*}",
                "memory: {name: \"" + id + "-$1\", schema: value binary}")
            .replace("/run/secrets/registry", REGISTRY.password().toString())
            .replace("evolution: dead-letter", "evolution: dead-letter\n        subject: " + id)
            .replaceAll("delta: .*/(\\w+)\".*", "memory: " + id + "-$1")
            .replaceAll("jdbc: .*\n    write: upsert", "memory: " + id + "-compared")
            .replace("trigger: 10s", "trigger: available-now");
    String sales = job.substring(job.indexOf("schema: |") + 9, job.indexOf("evolution:")).strip();
    String before = sales.replaceFirst("(?s),\\s*\\{\"name\": \"channel\".*}", "]}");
    long ten = 1_767_261_600_000_000L;
    MemoryRows topic = MemoryRows.named(id + "-sales");
    topic.add(sale(sales, "s2", "DE-1", -1.0, ten, "web"));
    topic.add(sale(before, "s1", "DE-1", 20.0, ten));
    topic.add(sale(OTHER, 7L));

    Plan plan = Jobs.plan(job, Map.of("CHECKPOINTS", HOME + "/" + id, "REGISTRY", REGISTRY.url()));
    try (RunningJob running = new Launcher(Sessions.spark()).launch(plan)) {
      running.await();
    }

    assertThat(rows(id + "-sales")).containsExactly("[s1,DE-1,20.0,till,2026-01-01 10:00:00.0]");
    assertThat(rows(id + "-judged_differently"))
        .containsExactly("[s2,DE-1,-1.0,web,2026-01-01 10:00:00.0,valid now]");
    assertThat(MemorySink.rows(id + "-dead_letters"))
        .extracting(row -> row.getAs("rule"))
        .containsExactlyInAnyOrder("schema_misfit", "positive");
  }

  private Row sale(String schema, Object... values) {
    int number = REGISTRY.register(id + "-" + schema.hashCode(), schema);
    return RowFactory.create((Object) RegistryDecodeTest.framed(number, schema, values));
  }
}
