package io.millrace.engine.spec;

import static io.millrace.engine.spec.Job.decode;
import static io.millrace.engine.spec.Job.fixed;
import static io.millrace.engine.spec.Job.kind;
import static io.millrace.engine.spec.Job.mode;
import static io.millrace.engine.spec.Job.trigger;
import static io.millrace.engine.spec.Job.watermark;
import static io.millrace.engine.spec.Job.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JobTest {
  private static final Variables VARIABLES = Variables.of(Map.of("KAFKA", "broker:9092"));
  private static final String YAML =
      """
      job: ad_clicks
      about: Clicks
      spark: {spark.a: 1}
      checkpoint: /checkpoints
      sources:
        - name: ads
          delta: {path: /ads}
          static: true
        - name: clicks
          kafka: {servers: "${KAFKA}", topics: [clicks], max-per-batch: 10, share: 0.5}
          decode: {json: "id string"}
          watermark: {time: at, delay: 30000ms}
      steps:
        - {name: paid, sql: select 1, from: [clicks, ads], when: a > 1}
        - dedupe: {keys: [id]}
      dead-letters: drop
      sinks:
        - {name: out, jdbc: {url: "${KAFKA}"}, mode: append, trigger: 10s}
      """;

  private static Job clicks() {
    return Job.named("ad_clicks")
        .about("Clicks")
        .in(Path.of("/jobs"))
        .spark("spark.a", 1)
        .checkpoint("/checkpoints")
        .source("ads", kind("delta").with("path", Path.of("/ads")), fixed())
        .source(
            "clicks",
            kind("kafka")
                .with("servers", "${KAFKA}")
                .with("topics", List.of("clicks"))
                .with("max-per-batch", 10)
                .with("share", 0.5),
            decode("json", "id string"),
            watermark("at", Duration.ofSeconds(30)))
        .step("paid", kind("sql", "select 1"), Job.from("clicks", "ads"), when("a > 1"))
        .step(kind("dedupe").with("keys", List.of("id")))
        .dropDeadLetters()
        .sink("out", kind("jdbc").with("url", "${KAFKA}"), mode("append"), trigger("10s"));
  }

  @Test
  void saysTheSameAsTheFile() {
    Findings findings = new Findings();
    JobSpec java = clicks().spec(VARIABLES, findings).orElseThrow();
    JobSpec yaml =
        new YamlReader(VARIABLES)
            .read(YAML, "job.yaml", findings)
            .flatMap(tree -> JobReader.read(tree, Path.of("/jobs"), findings))
            .orElseThrow();

    assertThat(findings.list()).isEmpty();
    assertThat(java)
        .usingRecursiveComparison()
        .ignoringFieldsOfTypes(Position.class)
        .ignoringFieldsMatchingRegexes(".*\\.runs")
        .isEqualTo(yaml);
  }

  @Test
  void neverChanges() {
    Job one = Job.named("a").source("s", kind("rate"));
    one.sink("first", kind("console"));

    assertThat(one.sink("second", kind("console")).spec().sinks()).hasSize(1);
  }

  @Test
  void asksForRowsAsTheyCome() {
    JobSpec job =
        Job.named("a")
            .source("s", kind("rate"))
            .sink("out", kind("console"), Job.realTime(Duration.ofMinutes(1)))
            .spec();

    assertThat(job.sinks().get(0).trigger())
        .contains(
            new TriggerSpec(
                new Word("realtime", Position.JAVA),
                Optional.of(new Word("60000ms", Position.JAVA))));
  }

  @Test
  void isCheckedByTheRulesOfTheFile() {
    assertThatThrownBy(
            () ->
                Job.named("a")
                    .source("S", kind("kafka").with("topics", new Object[0]))
                    .sink("out", kind("console"), trigger(" "), mode("a"), mode("b"))
                    .spec())
        .isInstanceOf(InvalidJobException.class)
        .hasMessageContaining("java  sources.S.name: Cannot be named 'S'. Write small letters")
        .hasMessageContaining("java  sources.S.kafka.topics: Expected a text, number, truth,")
        .hasMessageContaining("java  sinks.out: Cannot have 'mode' twice. Keep one of them")
        .hasMessageContaining("java  sinks.out.trigger: Expected one value, found ''. Write");
  }

  @Test
  void refusesASettingBesideAValue() {
    assertThatThrownBy(() -> kind("sql", "select 1").with("x", 1))
        .hasMessage("Cannot add 'x' to sql: its settings are one value already");
  }
}
