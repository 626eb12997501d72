package io.millrace.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.schema.CoreSchema;

class JobSchemaTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Catalog CATALOG = Catalog.of(List.of(new SampleKinds()));

  private static final String JOB =
      """
      job: orders
      about: Orders into a table
      spark: {spark.sql.session.timeZone: UTC, spark.sql.ansi.enabled: true}
      checkpoint: ${CHECKPOINTS:-target}/orders
      sources:
        - name: orders
          kafka: {servers: "${KAFKA}", topics: [orders], start: earliest, max-per-batch: 1000}
          decode: {json: "id bigint"}
          watermark: {time: at, delay: 30s, late: keep}
        - name: table
          kafka: {servers: a, topics: [b], start: {offsets: {"0": 5}}, max-per-batch: "${MOST}"}
          decode: bytes
          static: true
        - name: other
          kafka: {servers: a, topics: [b], buffer: 1GB}
          static:
      steps:
        - name: valid
          validate:
            - {rule: positive, that: price > 0, else: dead-letter}
        - sql: select 1
        - name: some
          from: [valid, table]
          when: price > 1
          sql: select 1
        - name: more
          from: some
          sql: {query: select 1, tries: 2}
        - name: tree
          tree: {children: [{children: []}]}
        - name: bounded
          watermark: {time: at, delay: "${DELAY}"}
      dead-letters:
        kafka: id
      sinks:
        - name: billing
          from: more
          jdbc: {url: "${DB}", password: "${file:/run/secrets/db}", share: 1, strict: "${STRICT}"}
          mode: append
          write: upsert
          delivery: once-per-key
          trigger: 10s
        - name: out
          kafka: id
          trigger: available-now
        - name: each
          kafka: id
          trigger: realtime
        - name: at_once
          kafka: id
          trigger: {realtime: 1m}
      """;

  private static final String TRAINING =
      """
      model: fraud
      from: {kafka: {servers: a, topics: [b]}}
      steps:
        - {name: features, sql: select 1}
      features: [hour]
      label: is_fraud
      """;

  @Test
  void acceptsAJobThatUsesEverything() throws JsonProcessingException {
    assertThat(errors(JobSchema.job(CATALOG), JOB)).isEmpty();
    assertThat(errors(JobSchema.job(CATALOG), JOB.replace("  kafka: id\nsinks", "  drop\nsinks")))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          job: orders;                      jobs: orders;                /
          job: orders;                      job: Orders;                 /job
          'kafka: {servers: "${KAFKA}"';    'kafkas: {servers: "${KAFKA}"'; /sources/0
          'servers: a, topics: [b], start'; 'server: a, topics: [b], start'; /sources/1/kafka
          'servers: a, topics: [b], start'; 'servers: a, topics: b, start'; /sources/1/kafka/topics
          'servers: "${KAFKA}", ';          ;                            /sources/0/kafka
          start: earliest;                  start: soonest;              /sources/0/kafka/start
          max-per-batch: 1000;              max-per-batch: many;         /sources/0/kafka/max-per-batch
          max-per-batch: 1000;              max-per-batch: 3000000000;   /sources/0/kafka/max-per-batch
          max-per-batch: 1000;              max-per-batch: 1.5;          /sources/0/kafka/max-per-batch
          buffer: 1GB;                      buffer: 1 gigabyte;          /sources/2/kafka/buffer
          delay: 30s;                       delay: soon;                 /sources/0/watermark/delay
          late: keep;                       late: perhaps;               /sources/0/watermark/late
          static: true;                     'static: {every: 10m}';      /sources/1/static
          'decode: {json: "id bigint"}';    'decode: {avro: "id bigint"}'; /sources/0/decode
          else: dead-letter;                else: ignore;                /steps/0/validate
          tries: 2;                         tries: often;                /steps/3/sql
          tries: 2;                         retries: 2;                  /steps/3/sql
          children: [{;                     children: [{a: 1,;           /steps/4/tree
          from: more;                       from: [more];                /sinks/0/from
          '"${file:/run/secrets/db}"';      hunter2;                     /sinks/0/jdbc/password
          share: 1;                         share: half;                 /sinks/0/jdbc/share
          mode: append;                     mode: apend;                 /sinks/0/mode
          write: upsert;                    write: insert;               /sinks/0/write
          delivery: once-per-key;           delivery: none;              /sinks/0/delivery
          trigger: 10s;                     trigger: often;              /sinks/0/trigger
          trigger: 10s;                     kafka: id;                   /sinks/0
          trigger: available-now;           triggers: available-now;     /sinks/1
          'trigger: {realtime: 1m}';        'trigger: {realtime: soon}'; /sinks/3/trigger
          'trigger: {realtime: 1m}';        'trigger: {}';               /sinks/3/trigger
          name: billing;                    about: billing;              /sinks/0
          """)
  void refusesMistakesWhereTheyAre(String good, @Nullable String bad, String place)
      throws JsonProcessingException {
    String broken = JOB.replace(good, bad == null ? "" : bad);
    assertThat(broken).isNotEqualTo(JOB);
    assertThat(errors(JobSchema.job(CATALOG), broken))
        .isNotEmpty()
        .anySatisfy(at -> assertThat(at + "/").startsWith(place));
  }

  @Test
  void needsSourcesAndSinksOrAnInclude() throws JsonProcessingException {
    assertThat(errors(JobSchema.job(CATALOG), "job: a")).isNotEmpty();
    assertThat(errors(JobSchema.job(CATALOG), "{job: a, include: other.yaml}")).isEmpty();
  }

  @Test
  void describesTrainingFiles() throws JsonProcessingException {
    String schema = JobSchema.training(CATALOG);
    assertThat(errors(schema, TRAINING)).isEmpty();
    assertThat(errors(schema, TRAINING + "spark: {spark.sql.ansi.enabled: true}")).isEmpty();
    assertThat(errors(schema, TRAINING + "tables: [{name: t, kafka: {servers: a, topics: [b]}}]"))
        .isEmpty();
    assertThat(errors(schema, TRAINING + "tables: [{kafka: {servers: a, topics: [b]}}]"))
        .isNotEmpty();
    assertThat(errors(schema, TRAINING.replace("label:", "labels:"))).isNotEmpty();
    assertThat(errors(schema, TRAINING.replace("label: is_fraud", ""))).isNotEmpty();
    assertThat(errors(schema, TRAINING.replace("[hour]", "hour"))).containsExactly("/features");
  }

  @Test
  void isAValidSchemaItself() throws JsonProcessingException {
    Schema meta =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));
    assertThat(meta.validate(MAPPER.readTree(JobSchema.job(CATALOG)))).isEmpty();
    assertThat(meta.validate(MAPPER.readTree(JobSchema.training(CATALOG)))).isEmpty();
  }

  @Test
  void tellsAnEditorMeaningsDefaultsAndWords() throws JsonProcessingException {
    JsonNode schema = MAPPER.readTree(JobSchema.job(CATALOG));
    JsonNode source = schema.at("/properties/sources/items/properties/kafka");
    assertThat(source.at("/description").asText()).isEqualTo("Reads Kafka topics");
    JsonNode kafka = schema.at("/$defs/SampleKinds.Kafka/properties");
    assertThat(kafka.at("/buffer/description").asText()).isEqualTo("Buffer");
    assertThat(kafka.at("/buffer/default").asText()).isEqualTo("64MB");
    JsonNode sql = schema.at("/$defs/SampleKinds.Sql/anyOf/0/properties");
    assertThat(sql.at("/tries/default").isInt()).isTrue();
    JsonNode late = schema.at("/$defs/SampleKinds.Watermark/properties/late");
    assertThat(late.at("/anyOf/0/enum").toString()).isEqualTo("[\"drop\",\"keep\"]");
    JsonNode jdbc = schema.at("/$defs/SampleKinds.Jdbc/properties");
    assertThat(jdbc.at("/strict/default").isBoolean()).isTrue();
    assertThat(jdbc.at("/share/default").asDouble()).isEqualTo(0.5);
  }

  @Test
  void isTheSameTextEachTime() {
    assertThat(JobSchema.job(Catalog.of(List.of(new SampleKinds()))))
        .isEqualTo(JobSchema.job(CATALOG));
  }

  private static List<String> errors(String schema, String yaml) throws JsonProcessingException {
    LoadSettings settings = LoadSettings.builder().setSchema(new CoreSchema()).build();
    Map<?, ?> job = (Map<?, ?>) new Load(settings).loadFromString(yaml);
    return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
        .getSchema(MAPPER.readTree(schema))
        .validate(MAPPER.<JsonNode>valueToTree(job))
        .stream()
        .map(Error::getInstanceLocation)
        .map(Object::toString)
        .toList();
  }
}
