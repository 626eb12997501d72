package io.millrace.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.Builtin;
import io.millrace.engine.spec.Finding;
import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.JobSpec;
import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Kind;
import io.millrace.engine.spi.Plugin;
import io.millrace.engine.spi.Receipt;
import io.millrace.engine.spi.RowSink;
import io.millrace.engine.spi.RowWriter;
import io.millrace.engine.spi.Shorthand;
import io.millrace.engine.spi.Sink;
import io.millrace.engine.spi.Writing;
import java.time.Duration;
import java.util.List;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

class RealTimeTest {
  private static final String JOB =
      """
      job: shop
      checkpoint: /tmp/shop
      dead-letters: {wire: letters}
      sources:
        - name: clicks
          kafka: {servers: "b:1", topics: [clicks]}
          decode: {json: "id string not null, ad string, price double, at timestamp"}
          watermark: {time: at, delay: 10s}
        - name: views
          kafka: {servers: "b:1", topics: [views]}
          decode: {json: "id string not null, ad string, price double, at timestamp"}
        - name: ads
          delta: {path: /ads}
          static: true
      steps:
        - {name: valid, from: clicks, validate: [{rule: r, that: "price > 0", else: dead-letter}]}
        - {name: dear, sql: "select id, ad, price * 2 as twice from valid where price > 10"}
        - {name: words, sql: "select id, explode(split(ad, ' ')) as word from valid"}
        - {name: both, union: [clicks, views]}
        - {name: ended, sql: "select /*+ REPARTITION(2) */ id from valid"}
        - {name: stamped, sql: "select id, current_timestamp() as now from valid"}
        - {name: per_minute, from: valid, window: {time: at, every: 1m, by: [ad], aggregate: {n: count(1)}}}
        - {name: cheap, from: valid, sql: "select id from valid where price < 1"}
        - {name: parts, sql: "select id from dear union all select id from cheap"}
      sinks:
      """;

  private final Findings findings = new Findings();

  /** A sink that could hand on each row, and is never started. */
  static final class Wires implements Plugin {
    record Name(@Doc("Name") @Shorthand String name) {}

    @Override
    public List<Kind<?, Sink>> sinks() {
      return List.of(new Kind<>("wire", "A wire", Name.class, Wire::new));
    }
  }

  record Wire(Wires.Name settings) implements RowSink<Receipt> {
    @Override
    public Guarantee guarantee(Writing how) {
      return Guarantee.AT_LEAST_ONCE;
    }

    @Override
    public RowSink<?> inRealTime(Writing how) {
      return this;
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

  private static Planner planner() {
    return new Planner(Catalog.of(List.of(new Builtin(), new PlannerTest.Sinks(), new Wires())));
  }

  private List<String> said(String job) {
    PlannerTest.read(job, findings).ifPresent(spec -> planner().plan(spec, findings));
    return findings.list().stream().map(Finding::toString).toList();
  }

  private Plan plan(String job) {
    JobSpec spec = PlannerTest.read(job, findings).orElseThrow();
    return planner().plan(spec);
  }

  private String told(String job) {
    JobSpec spec = PlannerTest.read(job, findings).orElseThrow();
    return PlanText.of(spec, planner().plan(spec));
  }

  @Test
  void aPathOfSingleRowsRuns() {
    Plan plan =
        plan(
            JOB
                + """
                  - {name: a, from: valid, when: "price < 2", wire: t, trigger: realtime}
                  - {name: b, from: dear, wire: t, trigger: realtime}
                  - {name: c, from: words, wire: t, trigger: {realtime: 20s}}
                """);

    assertThat(plan.queries().stream().map(Plan.Query::name))
        .containsExactly("clicks", "clicks_realtime");
    assertThat(plan.queries().stream().map(Plan.Query::trigger))
        .containsExactly(
            new Plan.Trigger.RealTime(Duration.ofMinutes(5)),
            new Plan.Trigger.RealTime(Duration.ofSeconds(20)));
  }

  @Test
  void twoSourcesMeetWhereNoLetterIsReadBeside() {
    String out = "  - {name: out, from: both, wire: t, trigger: realtime}\n";

    assertThat(said(JOB.replace("{wire: letters}", "drop") + out)).isEmpty();
    assertThat(said(JOB + out))
        .containsExactly(
            "shop.yaml:26:47  sinks.out.trigger: Cannot run in real time: the dead letters of"
                + " 'clicks', 'views' are read beside the rows of 'both'. Give what is read there a"
                + " sink of its own in real time, or write dead-letters: drop");
  }

  @Test
  void tellsAllThatStandsInTheWayAtOnce() {
    String job =
        JOB.replace("topics: [clicks]", "topics: [clicks], max-per-batch: 10, min-partitions: 9")
            .replace("{wire: letters}", "{batches: letters}");

    assertThat(
            said(
                job
                    + """
                      - {name: counted, from: per_minute, rows: t, trigger: realtime}
                      - {name: far, from: ended, wire: t, trigger: {realtime: 10s}}
                      - {name: timed, from: stamped, wire: t, trigger: {realtime: 15s}}
                      - {name: twice, from: parts, wire: t, trigger: {realtime: 20s}}
                      - {name: slow, from: dear, batches: t, trigger: 10s}
                    """))
        .allMatch(line -> line.contains(".trigger: Cannot run in real time: "))
        .contains(
            "shop.yaml:26:57  sinks.counted.trigger: Cannot run in real time: source 'clicks' has"
                + " batches of 10 records. Leave out max-per-batch",
            "shop.yaml:26:57  sinks.counted.trigger: Cannot run in real time: step 'per_minute'"
                + " keeps state from one batch to the next. Give what is behind it a trigger such"
                + " as 10s",
            "shop.yaml:26:57  sinks.counted.trigger: Cannot run in real time: sink 'counted' makes"
                + " rows visible batch by batch. Write to kafka, or with a trigger such as 10s",
            "shop.yaml:26:57  sinks.counted.trigger: Cannot run in real time: the target of"
                + " dead-letters makes rows visible batch by batch. Name kafka there, or drop them",
            "shop.yaml:27:48  sinks.far.trigger: Cannot run in real time: step 'ended' moves rows"
                + " between tasks, by Repartition. Pick, compute and filter row by row"
                + " in it, or give what is behind it a trigger such as 10s",
            "shop.yaml:28:52  sinks.timed.trigger: Cannot run in real time: step 'stamped' reads"
                + " the clock, which stands still for a whole batch. Take a time of the row, such"
                + " as the timestamp of its record",
            "shop.yaml:29:50  sinks.twice.trigger: Cannot run in real time: source 'clicks' is read"
                + " 2 times on the way to 'parts'. Let one step do what these do")
        .noneMatch(line -> line.contains("slow"));
  }

  @Test
  void aSourceWithoutWaitingTasksIsRefused() {
    String job =
        """
        job: shop
        checkpoint: /tmp/shop
        sources:
          - {name: beats, rate: {rows-per-second: 1}}
        sinks:
          - {name: out, wire: t, trigger: realtime}
        """;

    assertThat(said(job))
        .containsExactly(
            "shop.yaml:6:35  sinks.out.trigger: Cannot run in real time: source 'beats' hands out"
                + " rows batch by batch. Read from kafka");
  }

  @Test
  void thePlanSaysItOfEveryQuery() {
    assertThat(
            told(
                JOB
                    + """
                      - {name: out, from: dear, wire: t}
                      - {name: counted, from: per_minute, rows: t}
                      - {name: now, from: words, wire: t, trigger: {realtime: 1m}}
                    """))
        .contains(
            "  could run in real time, with trigger: realtime and a core slot for each partition\n")
        .contains(
            """
              cannot run in real time: step 'per_minute' keeps state from one batch to the next; sink 'counted' makes rows visible batch by batch
            """)
        .contains(
            """
            query clicks_realtime: no state, each row as it comes, offsets noted every 1m
              reads clicks
              one task per partition, which stays, for now
              needs a core slot for each partition that it reads; its rows have no history
            """);
  }

  @Test
  void aBatchHasALengthThatSparkTakes() {
    String job = JOB + "  - {name: out, from: dear, wire: t, trigger: {realtime: ";

    assertThat(said(job + "1s}}\n"))
        .containsExactly(
            "shop.yaml:26:58  sinks.out.trigger.realtime: Expected 5s or more, found '1s'. No row"
                + " waits for the end of a batch: this is how often it is noted which were read");
  }

  @Test
  void aWrongWordIsToldWithThoseThereAre() {
    assertThat(said(JOB + "  - {name: out, from: dear, wire: t, trigger: {real-time: 1m}}\n"))
        .containsExactly(
            "shop.yaml:26:38  sinks.out.trigger: Missing realtime. Write trigger: {realtime: 5m}",
            "shop.yaml:26:48  sinks.out.trigger: Unknown key 'real-time'. Known are realtime. Did"
                + " you mean 'realtime'?");
  }
}
