package io.millrace.engine.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JobReaderTest {
  private final Findings findings = new Findings();

  private Optional<JobSpec> read(String text) {
    return new YamlReader(Variables.of(Map.of()))
        .read(text, "job.yaml", findings)
        .flatMap(tree -> JobReader.read(tree, Path.of("/jobs"), findings));
  }

  private JobSpec job(String text) {
    JobSpec job = read(text).orElseThrow(() -> new AssertionError(findings.list()));
    assertThat(findings.list()).isEmpty();
    return job;
  }

  private List<String> mistakes(String text) {
    read(text);
    return findings.list().stream().map(Finding::toString).toList();
  }

  private static List<String> texts(List<Word> words) {
    return words.stream().map(Word::text).toList();
  }

  @Test
  void readsEveryWordOfAJob() {
    JobSpec job =
        job(
            """
            job: ad-clicks
            about: Clicks
            spark: {spark.sql.session.timeZone: UTC, spark.task.maxFailures: 2}
            checkpoint: target/checkpoints
            sources:
              - name: clicks
                kafka: {topics: [clicks]}
                decode: {json: "id string"}
                watermark: {time: at, delay: 30s, late: keep}
              - {name: ads, delta: {path: /ads}, static: true, decode: text}
            steps:
              - {name: valid, from: clicks, validate: []}
              - {from: [valid, ads], when: "a > 1", union: }
            dead-letters: {delta: {path: /dead}, trigger: 5s}
            sinks:
              - name: out
                jdbc: {url: x}
                when: b
                mode: append
                write: upsert
                delivery: exactly-once
                trigger: 10s
              - {name: raw, from: clicks, console: }
            """);

    assertThat(job.name().text()).isEqualTo("ad-clicks");
    assertThat(job.folder()).isEqualTo(Path.of("/jobs"));
    assertThat(job.about()).contains("Clicks");
    assertThat(job.spark())
        .hasToString("{spark.sql.session.timeZone=UTC, spark.task.maxFailures=2}");
    assertThat(job.checkpoint().map(Word::text)).contains("target/checkpoints");
    SourceSpec clicks = job.sources().get(0);
    assertThat(clicks.part().kind()).isEqualTo("kafka");
    assertThat(clicks.part().at()).isEqualTo(new Position("job.yaml", 7, 5));
    assertThat(clicks.decode().map(PartSpec::kind)).contains("json");
    assertThat(clicks.watermark()).isPresent();
    assertThat(clicks.fixed()).isEmpty();
    assertThat(job.sources().get(1).fixed()).isPresent();
    assertThat(job.sources().get(1).decode().map(PartSpec::kind)).contains("text");
    StepSpec union = job.steps().get(1);
    assertThat(union.name().text()).isEqualTo("union");
    assertThat(texts(union.from())).containsExactly("valid", "ads");
    assertThat(union.when().map(Tree.Leaf::text)).contains("a > 1");
    SinkSpec out = job.sinks().get(0);
    assertThat(out.from().text()).isEqualTo("union");
    assertThat(out.mode().map(Word::text)).contains("append");
    assertThat(out.write().map(Word::text)).contains("upsert");
    assertThat(out.delivery().map(Word::text)).contains("exactly-once");
    assertThat(out.trigger().map(trigger -> trigger.word().text())).contains("10s");
    assertThat(job.sinks().get(1).from().text()).isEqualTo("clicks");
    DeadLetterSpec dead = job.deadLetters().orElseThrow();
    assertThat(dead.part().map(PartSpec::kind)).contains("delta");
    assertThat(dead.trigger().map(trigger -> trigger.word().text())).contains("5s");
  }

  @Test
  void readsFromTheEntryAbove() {
    JobSpec job =
        job(
            """
            job: a
            sources: [{name: one, rate: }, {name: two, rate: }]
            steps: [{dedupe: }, {name: dedupe_2, sql: select 1}, {dedupe: }]
            dead-letters: drop
            sinks: [{name: out, console: }]
            """);

    assertThat(job.steps())
        .extracting(step -> step.name().text())
        .containsExactly("dedupe", "dedupe_2", "dedupe_3");
    assertThat(job.steps())
        .extracting(step -> texts(step.from()))
        .containsExactly(List.of("two"), List.of("dedupe"), List.of("dedupe_2"));
    assertThat(job.steps()).noneMatch(StepSpec::stated);
    assertThat(job.sinks().get(0).from().text()).isEqualTo("dedupe_3");
    assertThat(job.deadLetters().orElseThrow().part()).isEmpty();
    assertThat(
            job("{job: a, sources: [{name: s, rate: }], sinks: [{name: o, console: }]}")
                .sinks()
                .get(0)
                .from()
                .text())
        .isEqualTo("s");
  }

  @Test
  void tellsOfEveryMistakeAtOnce() {
    assertThat(
            mistakes(
                """
                job: Ad Clicks
                source: []
                spark: [a]
                tests: {}
                engine: flink
                checkpoint:
                sources:
                  - name: Ad-Clicks
                    kafka: {}
                    jdbc: {}
                  - nam: x
                    rate: {}
                  - name: views
                    rate: {}
                    static: {refresh: 10m}
                    mode: append
                    decode: {json: a, csv: b}
                steps:
                  - name: views
                    sql: select 1
                    from: {a: b}
                    when: [a]
                  - name: wait
                    watermark: {time: at}
                    trigger: 1s
                dead-letters: keep
                sinks:
                  - name: out
                    from: [a, b]
                    console:
                    trigger: [realtime]
                  - name: out
                    wirte: append
                    console: {}
                  - {name: nothing}
                  - word
                """))
        .containsExactly(
            "job.yaml:1:6  job: Cannot be named 'Ad Clicks'. Write small letters, digits, _ and -,"
                + " a letter first, such as ad_clicks",
            "job.yaml:2:1  Unknown key 'source'. Known are job, about, spark, checkpoint, engine,"
                + " audit, include, sources, steps, dead-letters, sinks, tests. Did you mean"
                + " 'sources'?",
            "job.yaml:3:8  spark: Expected a map, found a list. Write spark: {spark.key: value}",
            "job.yaml:4:8  tests: Expected a list, found a map. Write - {name: what holds, given:"
                + " [...], expect: {...}}",
            "job.yaml:5:9  engine: Expected dstream, found 'flink'. Leave engine out for structured"
                + " streaming",
            "job.yaml:6:12  checkpoint: Expected one value, found nothing. Write checkpoint:"
                + " /path/of/folder",
            "job.yaml:8:11  sources.Ad-Clicks.name: Cannot be named 'Ad-Clicks'. Write small"
                + " letters, digits and _, a letter first, such as ad_clicks",
            "job.yaml:10:5  sources.Ad-Clicks: Expected one kind, found kafka, jdbc. Indent"
                + " settings below their kind, and give each kind an entry of its own",
            "job.yaml:11:5  sources[1]: Unknown key 'nam'. Known are name, decode, watermark,"
                + " static. Did you mean 'name'?",
            "job.yaml:11:5  sources[1]: Missing 'name'. Name the source, such as name: my_rate",
            "job.yaml:16:5  sources.views: Cannot have 'mode' here: it belongs to a sink. Move it"
                + " there",
            "job.yaml:17:23  sources.views.decode: Expected one kind, found json, csv. Indent"
                + " settings below their kind, and give each kind an entry of its own",
            "job.yaml:19:11  steps.views.name: Cannot be named 'views': the name is taken at"
                + " job.yaml:13:11. Choose another",
            "job.yaml:21:11  steps.views.from: Expected one value, found a map. Write a name, or a"
                + " list of names such as [clicks, views]",
            "job.yaml:22:11  steps.views.when: Expected one value, found a list. Write when:"
                + " \"price > 0\"",
            "job.yaml:25:5  steps.wait: Cannot have 'trigger' here: it belongs to a sink. Move it"
                + " there",
            "job.yaml:26:15  dead-letters: Expected a map, found 'keep'. Write dead-letters: drop,"
                + " or dead-letters: {delta: {path: ...}}",
            "job.yaml:29:11  sinks.out.from: Expected one value, found a list. Write from: valid",
            "job.yaml:31:14  sinks.out.trigger: Expected one value, found a list. Write trigger:"
                + " 10s",
            "job.yaml:32:11  sinks.out.name: Cannot be named 'out': the name is taken at"
                + " job.yaml:28:11. Choose another",
            "job.yaml:33:5  sinks.out: Unknown key 'wirte'. Known are name, from, when, mode,"
                + " write, delivery, trigger. Did you mean 'write'?",
            "job.yaml:35:5  sinks.nothing: Missing kind. Write it as a key beside name, from, when,"
                + " mode, write, delivery, trigger, with its settings below",
            "job.yaml:36:5  sinks[3]: Expected a map, found 'word'. Write - {name: out, jdbc:"
                + " {...}}");
  }

  @Test
  void tellsWhatIsMissing() {
    assertThat(mistakes("about: x\nsinks: []\n"))
        .containsExactly(
            "job.yaml:1:1  Missing 'job'. Name it, such as job: ad_clicks",
            "job.yaml:1:1  Missing 'sources'. A job needs at least one entry there",
            "job.yaml:2:1  Missing 'sinks'. A job needs at least one entry there");
  }

  @Test
  void wantsListsAndMaps() {
    assertThat(mistakes("job: a\nsources: {x: 1}\nsteps: none\nsinks:\n"))
        .containsExactly(
            "job.yaml:2:10  sources: Expected a list, found a map. Write a list, such as - {name:"
                + " clicks, kafka: {...}}",
            "job.yaml:3:8  steps: Expected a list, found 'none'. Write a list, such as - {name:"
                + " valid, validate: [...]}",
            "job.yaml:4:7  sinks: Expected a list, found nothing. Write a list, such as - {name:"
                + " out, jdbc: {...}}");
  }

  @Test
  void sendsATrainingFileAway() {
    assertThat(mistakes("model: a\nfrom: {rate: }\n"))
        .containsExactly(
            "job.yaml:1:1  Expected a job, found a training file. Train it, or start with job:");
  }

  @Test
  void givesAJobBesideFindings() {
    Optional<JobSpec> job =
        read("jb: a\nsources: [{name: s, rate: }]\nsinks: [{name: o, console: }]\n");

    assertThat(job).isPresent();
    assertThat(findings.list()).hasSize(2);
    assertThat(read("job: a\nsources: [{name: s}]\nsinks: [{name: o, console: }]\n")).isEmpty();
  }
}
