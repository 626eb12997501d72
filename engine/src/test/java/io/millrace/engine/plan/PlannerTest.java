package io.millrace.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.Builtin;
import io.millrace.engine.spec.Finding;
import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.JobReader;
import io.millrace.engine.spec.JobSpec;
import io.millrace.engine.spec.Variables;
import io.millrace.engine.spec.YamlReader;
import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.BatchSink;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Kind;
import io.millrace.engine.spi.Plugin;
import io.millrace.engine.spi.Promise;
import io.millrace.engine.spi.Receipt;
import io.millrace.engine.spi.RowSink;
import io.millrace.engine.spi.RowWriter;
import io.millrace.engine.spi.Secret;
import io.millrace.engine.spi.Shorthand;
import io.millrace.engine.spi.Sink;
import io.millrace.engine.spi.Write;
import io.millrace.engine.spi.Writing;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

class PlannerTest {
  private static final String HEAD =
      """
      job: shop
      checkpoint: /tmp/shop
      sources:
        - name: clicks
          memory: {name: clicks, schema: "id string, ad string, price double, at timestamp"}
      """;

  private final Findings findings = new Findings();

  /** Sinks that plan and are never started. */
  static final class Sinks implements Plugin {
    record Rows(@Doc("Table") @Shorthand String table) {}

    record Login(@Doc("Table") String table, @Doc("Password") Secret password) {}

    @Override
    public List<Kind<?, Sink>> sinks() {
      return List.of(
          new Kind<>(
              "rows",
              "A table",
              Rows.class,
              RowTable::new,
              List.of(Promise.always(Guarantee.EXACTLY_ONCE, "it remembers"))),
          new Kind<>("login", "A table with a password", Login.class, LoginTable::new),
          new Kind<>(
              "batches",
              "A folder",
              Rows.class,
              Folder::new,
              List.of(Promise.always(Guarantee.AT_LEAST_ONCE, "nobody remembers it"))),
          new Kind<>("either", "A folder or a table", Rows.class, Either::new));
    }
  }

  /** A folder, unless a job asks for more than a folder gives. */
  record Either(Sinks.Rows settings) implements BatchSink {
    @Override
    public Sink delivering(Guarantee asked) {
      return asked == Guarantee.EXACTLY_ONCE ? new RowTable(settings) : this;
    }

    @Override
    public Guarantee guarantee(Writing how) {
      return Guarantee.AT_LEAST_ONCE;
    }

    @Override
    public void write(Batch batch) {
      throw new AssertionError("planning starts nothing");
    }
  }

  record RowTable(Sinks.Rows settings) implements RowSink<Receipt> {
    @Override
    public Guarantee guarantee(Writing how) {
      if (how.write() == Write.MERGE) {
        throw new IllegalArgumentException("Cannot merge. Write upsert");
      }
      return Guarantee.EXACTLY_ONCE;
    }

    @Override
    public Fence<Receipt> start(Identity who, Writing how, StructType rows) {
      throw new AssertionError("planning starts nothing");
    }

    @Override
    public RowWriter<Receipt> writer(Attempt attempt) {
      throw new AssertionError("planning starts nothing");
    }
  }

  record LoginTable(Sinks.Login settings) implements BatchSink {
    @Override
    public Guarantee guarantee(Writing how) {
      return Guarantee.AT_LEAST_ONCE;
    }

    @Override
    public void write(Batch batch) {
      throw new AssertionError("planning starts nothing");
    }
  }

  record Folder(Sinks.Rows settings) implements BatchSink {
    @Override
    public Guarantee guarantee(Writing how) {
      return Guarantee.AT_LEAST_ONCE;
    }

    @Override
    public void write(Batch batch) {
      throw new AssertionError("planning starts nothing");
    }
  }

  static Optional<JobSpec> read(String text, Findings findings) {
    return new YamlReader(Variables.of(Map.of("DB_PASSWORD", "pass-word")))
        .read(text, "shop.yaml", findings)
        .flatMap(tree -> JobReader.read(tree, Path.of("."), findings));
  }

  static Catalog catalog() {
    return Catalog.of(List.of(new Builtin(), new Sinks()));
  }

  private List<String> said(String text) {
    return said(text, findings);
  }

  private static List<String> said(String text, Findings findings) {
    read(text, findings).ifPresent(job -> new Planner(catalog()).plan(job, findings));
    return findings.list().stream().map(Finding::toString).toList();
  }

  @Test
  void namesTheKindsThereAre() {
    assertThat(
            said(
                HEAD
                    + """
                    steps:
                      - {name: odd, zzz: x}
                      - {name: near, from: clicks, sqll: select 1}
                      - {name: exploded, from: clicks, explode: {column: x}}
                    sinks:
                      - {name: out, from: clicks, qqqqqq: x}
                    """))
        .containsExactly(
            "shop.yaml:7:17  steps.odd: Unknown kind 'zzz'. There are [changelog, changes, dedupe,"
                + " join, lookup, pattern, running, sequence, sql, stateful, top, union, update-state,"
                + " validate, watermark, window]",
            "shop.yaml:8:32  steps.near: Unknown kind 'sqll'. Did you mean 'sql'?",
            "shop.yaml:9:36  steps.exploded: Cannot use 'explode': it is not supported yet. There are"
                + " [changelog, changes, dedupe, join, lookup, pattern, running, sequence, sql,"
                + " stateful, top, union, update-state, validate, watermark, window]",
            "shop.yaml:11:31  sinks.out: Unknown kind 'qqqqqq'. There are [batches, either, login,"
                + " rows]");
  }

  @Test
  void namesWhatCannotBeReadAndCircles() {
    assertThat(
            said(
                HEAD
                    + """
                    steps:
                      - {name: dear, from: click, validate: [{rule: r, that: "price > 1", else: drop}]}
                      - {name: one, sql: select * from two}
                      - {name: two, sql: select * from one}
                    sinks:
                      - {name: out, from: deer, rows: t}
                    """))
        .containsExactly(
            "shop.yaml:7:24  steps.dear.from: Cannot read from 'click': there is no such source or"
                + " step. Did you mean 'clicks'?",
            "shop.yaml:8:12  steps.one: Cannot read its own result: one <- two <- one",
            "shop.yaml:11:23  sinks.out.from: Cannot read from 'deer': there is no such source or"
                + " step. Did you mean 'dear'?");
  }

  @Test
  void chanceIsSeenThroughStepsThatPutRowsInOrder() {
    String job =
        """
        job: shop
        checkpoint: /tmp/shop
        sources:
          - name: clicks
            memory: {name: clicks, schema: "id string, ad string, price double, at timestamp"}
            watermark: {time: at, delay: 1m}
        steps:
          - {name: drawn, sql: "select id, ad, price, at, uuid() as tag, rand() as dice from clicks"}
          - {name: total, running: {by: [ad], aggregate: {paid: sum(price), luck: "round(avg(dice), 2)"}, unbounded: true}}
          - {name: tags, sql: "select id, tag from total"}
          - {name: luck, from: total, sql: "select id, luck from total"}
          - {name: sure, from: total, sql: "select id, paid, current_timestamp() as seen from total"}
          - {name: by_tag, from: drawn, running: {by: [tag], aggregate: {paid: sum(price)}, unbounded: true}}
          - {name: keys, sql: "select id, paid from by_tag"}
          - {name: best, from: drawn, top: {rows: 1, order: [dice], by: [ad], every: 1m}}
          - {name: ids, sql: "select id, rank from best"}
          - {name: piles, sql: {query: "select count(1) as n from drawn group by tag", unbounded: true}}
        sinks:
          - {name: a, from: tags, rows: a, write: upsert}
          - {name: b, from: luck, rows: b, write: upsert}
          - {name: c, from: sure, rows: c, write: upsert}
          - {name: d, from: keys, rows: d, write: upsert}
          - {name: e, from: ids, rows: e, write: upsert}
          - {name: f, from: piles, rows: f, mode: update, write: upsert}
        """;

    assertThat(said(job))
        .extracting(sentence -> sentence.replaceFirst(" gives .*", ""))
        .containsExactlyInAnyOrder(
            "shop.yaml:8:51  steps.drawn.sql: Cannot upsert column 'tag' of 'tags' into 'a': uuid",
            "shop.yaml:8:66  steps.drawn.sql: Cannot upsert column 'luck' of 'luck' into 'b': rand",
            "shop.yaml:8:51  steps.drawn.sql: Cannot upsert the rows of 'keys' into 'd': uuid",
            "shop.yaml:8:51  steps.drawn.sql: Cannot upsert the rows of 'ids' into 'e': uuid",
            "shop.yaml:8:51  steps.drawn.sql: Cannot upsert the rows of 'piles' into 'f': uuid");
  }

  @Test
  void aVariableThatIsNotSetIsToldOnceAlthoughItsTextFitsNoSetting() {
    String job =
        """
        job: shop
        checkpoint: /tmp/shop
        sources:
          - name: short
            kafka: {servers: "h:1", topics: [a]}
            decode: {avro: {registry: "${REGISTRY}", schema: "id string"}}
          - name: long
            kafka: {servers: "h:1", topics: [a]}
            decode: {avro: {registry: {url: "${REGISTRY}", truststore: t.pem}, schema: "id string"}}
        dead-letters: drop
        sinks:
          - {name: out, from: short, rows: t}
          - {name: more, from: long, rows: u}
        """;

    assertThat(said(job))
        .containsExactly(
            "shop.yaml:6:32  sources.short.decode.avro.registry: Missing variable REGISTRY. Set it,"
                + " or write ${REGISTRY:-default}",
            "shop.yaml:9:38  sources.long.decode.avro.registry.url: Missing variable REGISTRY. Set"
                + " it, or write ${REGISTRY:-default}");
  }

  @Test
  void stepsWithStateMayNotShareAShuffle() {
    String job =
        """
        job: shop
        checkpoint: /tmp/shop
        spark: {spark.sql.exchange.reuse: "true"}
        sources:
          - name: clicks
            memory: {name: clicks, schema: "id string, ad string, at timestamp"}
            watermark: {time: at, delay: 1m}
        steps:
          - {name: few, from: clicks, top: {rows: 1, order: [id], by: [ad], every: 1m}}
          - {name: many, from: clicks, top: {rows: 9, order: [id], by: [ad], every: 1m}}
          - {name: all, union: [few, many]}
          - name: twice
            sql: >-
              select a.id, b.at from clicks a join clicks b
              on a.id = b.id and a.at between b.at and b.at + interval 1 minute
        sinks:
        """;

    assertThat(said(job + "  - {name: out, from: all, rows: t}\n"))
        .containsExactly(
            "shop.yaml:3:35  spark.spark.sql.exchange.reuse: Cannot set spark.sql.exchange.reuse to"
                + " 'true': 'few', 'many' may share a shuffle with another part of the query, and"
                + " Spark then leaves the watermark of one of them at 1970, so that it closes"
                + " nothing. Leave it out");
    assertThat(said(job + "  - {name: out, from: twice, rows: t}\n", new Findings()))
        .singleElement()
        .asString()
        .contains("'true': 'twice' may share a shuffle");
    String apart = "  - {name: out, from: few, rows: t}\n  - {name: more, from: many, rows: u}\n";
    assertThat(said(job + apart, new Findings())).as("each in a query of its own").isEmpty();
  }

  @Test
  void aSinkWithMoreWaysThanOneTakesTheOneThatAJobAsksFor() {
    Plan plan =
        read(
                HEAD
                    + """
                    sinks:
                      - {name: once, either: t, delivery: exactly-once}
                      - {name: plain, from: clicks, either: t}
                      - {name: weak, from: clicks, either: t, delivery: at-least-once}
                    """,
                findings)
            .flatMap(job -> new Planner(catalog()).plan(job, findings))
            .orElseThrow();

    assertThat(plan.output("once").sink()).isInstanceOf(RowTable.class);
    assertThat(plan.output("once").guarantee()).isEqualTo(Guarantee.EXACTLY_ONCE);
    assertThat(List.of(plan.output("plain"), plan.output("weak")))
        .allSatisfy(
            output -> {
              assertThat(output.sink()).isInstanceOf(Either.class);
              assertThat(output.guarantee()).isEqualTo(Guarantee.AT_LEAST_ONCE);
            });
    assertThat(
            said(
                HEAD
                    + """
                    sinks:
                      - {name: out, either: t, delivery: once-per-key}
                    """))
        .containsExactly(
            "shop.yaml:7:38  sinks.out.delivery: Cannot promise once-per-key: either, written"
                + " like this, gives at-least-once. Leave delivery out, or write to one of [rows],"
                + " which can give it");
  }

  @Test
  void tellsEveryWrongWordOfASinkAtOnce() {
    assertThat(
            said(
                HEAD
                    + """
                    sinks:
                      - {name: out, rows: t, mode: appendd, write: x, delivery: none, trigger: soon}
                      - {name: more, from: clicks, rows: t, write: merge}
                      - {name: much, from: clicks, batches: t, delivery: exactly-once}
                    """))
        .containsExactly(
            "shop.yaml:7:32  sinks.out.mode: Expected one of [append, update, complete], found"
                + " 'appendd'. Did you mean 'append'?",
            "shop.yaml:7:48  sinks.out.write: Expected one of [append, upsert, merge, delete],"
                + " found 'x'",
            "shop.yaml:7:61  sinks.out.delivery: Expected one of [exactly-once, once-per-key,"
                + " at-least-once], found 'none'",
            "shop.yaml:7:76  sinks.out.trigger: Expected available-now, realtime or a duration such"
                + " as 30s, found 'soon'",
            "shop.yaml:8:32  sinks.more.rows: Cannot merge. Write upsert",
            "shop.yaml:9:54  sinks.much.delivery: Cannot promise exactly-once: batches, written"
                + " like this, gives at-least-once, for nobody remembers it. Leave delivery out, or"
                + " write to one of [rows], which can give it");
  }

  @Test
  void asksForACheckpointAndDeadLetters() {
    assertThat(
            said(
                """
                job: shop
                sources:
                  - name: clicks
                    memory: {name: clicks, schema: "value string"}
                    decode: {json: "id string"}
                sinks:
                  - {name: out, from: clicks, rows: t}
                """))
        .containsExactly(
            "shop.yaml:1:6  dead-letters: Missing dead-letters: 'clicks' may refuse rows. Name a"
                + " target, such as dead-letters: {delta: {path: ...}}, or write dead-letters:"
                + " drop",
            "shop.yaml:1:6  checkpoint: Missing checkpoint. Name the folder that remembers how far"
                + " the job came, such as checkpoint: /data/checkpoints/shop");
  }

  @Test
  void aConditionNeedsOneInput() {
    assertThat(
            said(
                HEAD
                    + """
                      - name: views
                        memory: {name: views, schema: "id string, ad string, price double, at timestamp"}
                    steps:
                      - {name: both, when: "price > 1", from: [clicks, views], sql: "select * from views union all select * from clicks"}
                      - {name: two, from: [clicks, views], validate: [{rule: r, that: "price > 1", else: drop}]}
                    sinks:
                      - {name: out, from: both, rows: t}
                    """))
        .hasSize(2)
        .anySatisfy(said -> assertThat(said).contains("steps.both.when: Cannot tell which of"))
        .anySatisfy(
            said ->
                assertThat(said)
                    .contains(
                        "steps.two.from: Expected one name, found 2. Unite them first with a union"
                            + " step"));
  }

  @Test
  void aSourceThatForgetsPromisesNothing() {
    assertThat(
            said(
                """
                job: shop
                checkpoint: /tmp/shop
                sources:
                  - name: lines
                    socket: {host: localhost, port: 1}
                sinks:
                  - {name: out, from: lines, rows: t, delivery: at-least-once}
                """))
        .containsExactly(
            "shop.yaml:7:49  sinks.out.delivery: Cannot promise at-least-once: source 'lines'"
                + " cannot replay its rows, so any may be lost. Read from one that can, such as"
                + " kafka or files, or leave delivery out");
  }

  @Test
  void aTableIsNoStream() {
    assertThat(
            said(
                """
                job: shop
                checkpoint: /tmp/shop
                sources:
                  - name: ads
                    static: true
                    memory: {name: ads, schema: "ad string"}
                sinks:
                  - {name: out, from: ads, rows: t}
                """))
        .containsExactly(
            "shop.yaml:4:11  sources.ads: Cannot stream 'ads': everything it reads is a table; run"
                + " it with --batch.");
  }

  @Test
  void aWindowWithoutAWatermarkNeverCloses() {
    String steps =
        """
        steps:
          - {name: minutes, window: {time: at, every: 1m, by: [ad], aggregate: {n: count(1)}}}
        sinks:
        """;
    assertThat(
            said(
                HEAD
                    + steps
                    + """
                      - {name: out, from: minutes, rows: t}
                      - {name: more, from: minutes, rows: t, mode: update}
                      - {name: whole, from: minutes, batches: t, mode: complete}
                    """))
        .containsExactly(
            "shop.yaml:7:12  steps.minutes: Needs a watermark on clicks: without one a window never"
                + " closes. Add watermark: {time: …, delay: …} to it.");
  }

  @Test
  void aWholeTableOfResultsNeedsNoWatermark() {
    assertThat(
            said(
                HEAD
                    + """
                    steps:
                      - {name: minutes, window: {time: at, every: 1m, aggregate: {n: count(1)}}}
                    sinks:
                      - {name: whole, from: minutes, batches: t, mode: complete}
                    """))
        .isEmpty();
  }

  @Test
  void saysWhichModesAPathAllows() {
    assertThat(
            said(
                HEAD
                    + """
                        watermark: {time: at, delay: 10s}
                    steps:
                      - {name: visits, window: {time: at, session: 5m, by: [ad], aggregate: {n: count(1)}}}
                      - {name: minutes, from: clicks, window: {time: at, every: 1m, aggregate: {n: count(1)}}}
                    sinks:
                      - {name: changes, from: visits, rows: t, mode: update}
                      - {name: table, from: clicks, rows: t, mode: complete}
                      - {name: any, from: minutes, rows: t, mode: update}
                    """))
        .containsExactly(
            "shop.yaml:11:50  sinks.changes.mode: Cannot write 'visits' in mode update: a session"
                + " is known only when it is over. What works: append, complete.",
            "shop.yaml:12:48  sinks.table.mode: Cannot write 'clicks' in mode complete: it keeps no"
                + " table of results, for it does not aggregate. What works: append, update.");
  }

  @Test
  void looksUpInATableOnly() {
    assertThat(
            said(
                HEAD
                    + """
                      - name: ads
                        memory: {name: ads, schema: "ad string, owner string"}
                    steps:
                      - {name: named, from: clicks, lookup: {table: ads, on: [ad]}}
                      - {name: again, from: clicks, lookup: {table: adds, on: [ad]}}
                    sinks:
                      - {name: out, from: named, rows: t}
                    """))
        .containsExactly(
            "shop.yaml:9:49  steps.named.lookup.table: Cannot look up in ads: it is a stream."
                + " Declare the source with static, or join two streams",
            "shop.yaml:10:49  steps.again.lookup.table: Cannot read from 'adds': there is no such"
                + " source or step. Did you mean 'ads'?");
  }

  @Test
  void checksTheSettingsOfSpark() {
    assertThat(
            said(
                HEAD
                    + """
                    spark:
                      spark.sql.shuffle.partitions: many
                      spark.sql.shuffle.partition: 4
                      sql.shuffle.partitions: 4
                      spark.hadoop.fs.s3a.endpoint: here
                      fs.s3a.path.style.access: true
                    sinks:
                      - {name: out, rows: t}
                    """))
        .containsExactly(
            "shop.yaml:7:33  spark.spark.sql.shuffle.partitions: Cannot set"
                + " spark.sql.shuffle.partitions to 'many': the value 'many' in the config"
                + " \"spark.sql.shuffle.partitions\" is invalid. It should be a/an 'int' value",
            "shop.yaml:8:32  spark.spark.sql.shuffle.partition: Unknown setting of Spark"
                + " 'spark.sql.shuffle.partition'. Did you mean 'spark.sql.shuffle.partitions'?",
            "shop.yaml:9:27  spark.sql.shuffle.partitions: Unknown setting of Spark"
                + " 'sql.shuffle.partitions'. Did you mean 'spark.sql.shuffle.partitions'?");
  }
}
