package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.run.JobFailedException;
import io.millrace.engine.source.MemoryRows;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LocalBroker;
import io.millrace.engine.testing.LocalRegistry;
import io.millrace.engine.testing.Topics;
import io.millrace.sinks.memory.MemorySink;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows as Avro in a topic whose schema a registry keeps. */
class RegistryEncodeTest {
  private static final LocalRegistry REGISTRY = LocalRegistry.shared();
  private static final Path HOME = Folders.temporary("registry-encode");

  private static final String WRITE =
      """
      job: ${ID}
      checkpoint: ${HOME}/${ID}
      sources:
        - {name: orders, memory: {name: "${ID}", schema: "id string, price int"}}
      dead-letters: {memory: "${ID}-dead"}
      steps:
        - {name: wanted, sql: "select ${COLUMNS} from orders"}
      sinks:
        - name: out
          kafka:
            servers: ${KAFKA}
            topic: ${ID}
            key: id
            encode: {avro: {registry: {url: "${URL}", user: app, password: "SECRET"}SETTINGS}}
          delivery: ${DELIVERY}
          trigger: available-now
      """;

  private static final String READ =
      """
      job: ${ID}-read
      checkpoint: ${HOME}/${ID}-read
      sources:
        - name: orders
          kafka: {servers: "${KAFKA}", topics: ["${ID}"], properties: {isolation.level: read_committed}}
          decode: {avro: {registry: {url: "${URL}", user: app, password: "SECRET"}}}
      dead-letters: {memory: "${ID}-dead"}
      sinks:
        - {name: out, memory: "${ID}", trigger: available-now}
      """;

  private final String id = "e" + UUID.randomUUID().toString().substring(0, 8);

  @BeforeEach
  void topic() {
    LocalBroker.shared().createTopic(id, 1);
    MemoryRows.named(id).add(RowFactory.create("a", 1), RowFactory.create(null, 2));
  }

  private Map<String, Long> run(String job, String settings, String columns, String delivery) {
    String text =
        job.replace("SECRET", "${file:" + REGISTRY.password() + "}").replace("SETTINGS", settings);
    return Jobs.run(
        Jobs.plan(
            text,
            Map.of(
                "ID",
                id,
                "HOME",
                HOME.toString(),
                "KAFKA",
                LocalBroker.shared().servers(),
                "URL",
                REGISTRY.url(),
                "COLUMNS",
                columns,
                "DELIVERY",
                delivery)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"at-least-once", "exactly-once"})
  void whatOneJobWritesAnotherReads(String delivery) {
    run(WRITE, "", "*", delivery);

    String schema = REGISTRY.newest(id + "-value");
    assertThat(schema)
        .isEqualTo(
            """
            {"type":"record","name":"%s","fields":[\
            {"name":"id","type":["null","string"],"default":null},\
            {"name":"price","type":["null","int"],"default":null}]}\
            """
                .formatted(id));
    Topics.awaitDecided(LocalBroker.shared().servers(), id);
    assertThat(Topics.read(LocalBroker.shared().servers(), id))
        .hasSize(2)
        .allSatisfy(
            record ->
                assertThat(ByteBuffer.wrap(record.value()).getInt(1))
                    .isEqualTo(REGISTRY.register(id + "-value", schema)));

    run(READ, "", "*", delivery);
    assertThat(MemorySink.rows(id)).extracting(Row::toString).containsExactly("[a,1]", "[null,2]");
    assertThat(MemorySink.rows(id + "-dead")).isEmpty();
  }

  @Test
  void aColumnMoreIsTakenByARegistryThatWantsCompatibility() {
    run(WRITE, "", "id", "at-least-once");
    REGISTRY.requires(id + "-value", "FULL");
    MemoryRows.named(id).add(RowFactory.create("b", 3));

    run(WRITE, "", "*", "at-least-once");

    run(READ, "", "*", "at-least-once");
    assertThat(MemorySink.rows(id))
        .extracting(Row::toString)
        .containsExactly("[a,null]", "[null,null]", "[b,3]");
  }

  @Test
  void aSchemaThatTheRegistryRefusesStopsTheStartBeforeAnyBatch() {
    run(WRITE, "", "*", "at-least-once");
    REGISTRY.requires(id + "-value", "BACKWARD");
    MemoryRows.named(id).add(RowFactory.create("b", 3));

    assertThatThrownBy(() -> run(WRITE, "", "id, cast(price as string) as price", "at-least-once"))
        .isInstanceOf(JobFailedException.class)
        .hasMessageContaining(
            "Cannot register the schema of topic %s: the schema registry at %s refuses it for subject %s-value: "
                .formatted(id, REGISTRY.url(), id))
        .hasMessageContaining("ncompatible")
        .hasMessageEndingWith("Change the columns so that it fits, or write to another topic");
    assertThat(Topics.read(LocalBroker.shared().servers(), id)).hasSize(2);
  }

  @Test
  void withoutRegisteringTheSubjectMustHaveTheSchema() {
    assertThatThrownBy(() -> run(WRITE, ", register: false", "*", "at-least-once"))
        .isInstanceOf(JobFailedException.class)
        .hasMessageEndingWith(
            "Cannot write to topic %s: subject %s-value of the schema registry at %s does not have its schema. Register it, or use register: true"
                .formatted(id, id, REGISTRY.url()));

    run(WRITE, ", subject: \"" + id + "-other\"", "*", "at-least-once");
    run(WRITE, ", register: false, subject: \"" + id + "-other\"", "*", "at-least-once");
    assertThat(Topics.read(LocalBroker.shared().servers(), id)).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"at-least-once", "exactly-once"})
  void aNullThatTheSchemaDoesNotTakeIsADeadLetter(String delivery) {
    String schema =
        RegistryDecodeTest.schema(
                "{'name': 'id', 'type': 'string'}, {'name': 'price', 'type': ['null', 'int']}")
            .replace("\"", "\\\"");

    run(WRITE, ", schema: \"" + schema + "\"", "*", delivery);

    Topics.awaitDecided(LocalBroker.shared().servers(), id);
    assertThat(Topics.read(LocalBroker.shared().servers(), id)).hasSize(1);
    assertThat(MemorySink.rows(id + "-dead"))
        .singleElement()
        .satisfies(
            row ->
                assertThat(
                        List.<String>of(row.getAs("step"), row.getAs("rule"), row.getAs("reason")))
                    .containsExactly(
                        "out",
                        "encode",
                        "Missing value of id, which may not be null in the Avro schema"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          encode: {avro: {register: false}}        | sinks.out.kafka.encode.avro: Cannot use register without a registry. Name it with registry, or leave it out
          encode: {avro: {subject: s}}             | sinks.out.kafka.encode.avro: Cannot use subject without a registry. Name it with registry, or leave it out
          encode: {avro: {schema: x}}              | sinks.out.kafka.encode.avro: Cannot read the Avro schema of schema: com.fasterxml.jackson.core.JsonParseException: Unrecognized token
          encode: {avro: '"int"'}                  | sinks.out.kafka.encode.avro: Expected an Avro record in schema, found int
          encode: {avro: {schema-file: nowhere}}   | sinks.out.kafka.encode.avro: Cannot read the file nowhere: nowhere
          encode: {avro: {record: r, schema: '"int"'}} | sinks.out.kafka.encode.avro: Cannot name a record whose schema is given. Leave out record
          encode: avro, value: id                  | sinks.out.kafka: Cannot take both value and encode. Name one column with value, or leave it out for all columns
          encode: protobuf                         | sinks.out.kafka.encode: Unknown 'protobuf'. Expected one of json, avro
          """)
  void saysWhatIsWrongWithItsSettings(String settings, String sentence) {
    String job =
        """
        job: wrong
        checkpoint: /checkpoints
        sources:
          - {name: orders, memory: {name: wrong, schema: id string}}
        sinks:
          - name: out
            kafka: {servers: "h:1", topic: t, %s}
        """;

    assertThat(Jobs.lint(job.formatted(settings), Map.of()))
        .singleElement()
        .asString()
        .matches("job.yaml:\\d+:\\d+  .*")
        .contains("  " + sentence);
  }
}
