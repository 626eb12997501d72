package io.millrace.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.JobSpec;
import org.junit.jupiter.api.Test;

class PlanTextTest {
  private static final String JOB =
      """
      job: shop
      about: What ads earn
      checkpoint: /tmp/shop
      spark: {my.token: hidden-value}
      sources:
        - name: clicks
          memory: {name: clicks, schema: "value string"}
          decode: {json: "id string not null, ad string, price double, at timestamp"}
          watermark: {time: at, delay: 10s}
      steps:
        - {name: valid, validate: [{rule: priced, that: "price > 0", else: dead-letter}]}
        - {name: per_minute, window: {time: at, every: 1m, by: [ad], aggregate: {earned: sum(price)}}}
      dead-letters: {batches: letters}
      sinks:
        - {name: raw, from: valid, rows: t}
        - {name: dear, from: valid, when: "price > 10", login: {table: t, password: "${DB_PASSWORD}"}, trigger: 10s}
        - {name: copy, from: valid, batches: t}
        - {name: earned, from: per_minute, rows: t, mode: update, write: upsert}
      """;

  private static JobSpec job() {
    Findings findings = new Findings();
    JobSpec job = PlannerTest.read(JOB, findings).orElseThrow();
    assertThat(findings.list()).isEmpty();
    return job;
  }

  private static Plan plan() {
    return new Planner(PlannerTest.catalog()).plan(job());
  }

  @Test
  void saysWhatIsReadAndWrittenHow() {
    assertThat(PlanText.of(job(), plan()))
        .startsWith(
            """
            job shop: What ads earn
            checkpoint /tmp/shop

            sources
              clicks         memory, decoded as json, with a watermark
            steps
              valid          validate of clicks
              per_minute     window of valid
            sinks
            """)
        .contains("login from valid when price > 10: append, mode append")
        .contains(
            "  dead letters   batches: at-least-once, which were driven again is kept in"
                + " /tmp/shop/drives\n")
        .endsWith(
            """
            query clicks: no state, a batch as soon as the last is done
              reads clicks
              one job per batch for raw
              one job per batch each for dead_letters, copy
              the decoded rows of a batch are kept until all of these have them
              writes the dead letters of clicks, valid
              its history is kept in /tmp/shop/ledger/clicks
              cannot run in real time: source 'clicks' hands out rows batch by batch; sink 'raw' makes rows visible batch by batch; sink 'copy' makes rows visible batch by batch; the target of dead-letters makes rows visible batch by batch
            query clicks_every_10000ms: no state, a batch every 10.0 s
              reads clicks
              one job per batch each for dear
              its history is kept in /tmp/shop/ledger/clicks_every_10000ms
              cannot run in real time: source 'clicks' hands out rows batch by batch; sink 'dear' makes rows visible batch by batch; the target of dead-letters makes rows visible batch by batch
            query per_minute_update: keeps state, a batch as soon as the last is done
              reads clicks
              one job per batch for earned
              its history is kept in /tmp/shop/ledger/per_minute_update
              cannot run in real time: source 'clicks' hands out rows batch by batch; step 'per_minute' keeps state from one batch to the next; sink 'earned' makes rows visible batch by batch; the target of dead-letters makes rows visible batch by batch
              late rows of per_minute are counted and left out
            """);
  }

  @Test
  void saysWhereLateRowsGo() {
    String kept = JOB.replace("delay: 10s", "delay: 10s, late: keep");
    JobSpec job =
        PlannerTest.read(
                kept
                    + """
                        - {name: counted, from: per_minute, rows: t}
                        - {name: table, from: per_minute, rows: t, mode: complete}
                      """,
                new Findings())
            .orElseThrow();

    assertThat(PlanText.of(job, new Planner(PlannerTest.catalog()).plan(job)))
        .contains(
            "  clicks         memory, decoded as json, with a watermark, late rows are kept\n")
        .contains(
            """
              reads once more, for dead letters, what its state is made from
              one job per batch for earned
              one job per batch each for dead_letters
              the decoded rows of a batch are kept until all of these have them
              writes the dead letters of per_minute
              its history is kept in /tmp/shop/ledger/per_minute_update
              cannot run in real time: source 'clicks' hands out rows batch by batch; step 'per_minute' keeps state from one batch to the next; sink 'earned' makes rows visible batch by batch; the target of dead-letters makes rows visible batch by batch
              late rows of per_minute are counted and go to the dead letters
            query per_minute: keeps state, a batch as soon as the last is done
              reads clicks
              one job per batch for counted
              its history is kept in /tmp/shop/ledger/per_minute
              cannot run in real time: source 'clicks' hands out rows batch by batch; step 'per_minute' keeps state from one batch to the next; sink 'counted' makes rows visible batch by batch; the target of dead-letters makes rows visible batch by batch
              late rows of per_minute are counted and left out; query per_minute_update keeps its own
            """)
        .endsWith(
            "  no row is late for per_minute: mode complete keeps all windows and keys open\n");
  }

  @Test
  void saysWhichWatermarksHoldAQueryAndHowLongRowsWaitInAJoin() {
    String joined =
        """
        job: joined
        checkpoint: /tmp/joined
        sources:
          - {name: ads, memory: {name: a, schema: "ad string, at timestamp"}, watermark: {time: at, delay: 10s}}
          - {name: clicks, memory: {name: c, schema: "ad string, by timestamp"}, watermark: {time: by, idle: 1m, max-ahead: 1h}}
        steps:
          - {name: paid, join: {left: ads, right: clicks, on: [ad], after: 10m}}
          - {name: seen, join: {left: ads, right: clicks, on: [ad], unbounded: true}}
        dead-letters: drop
        sinks:
          - {name: out, from: paid, rows: t}
          - {name: other, from: seen, rows: t}
        """;
    JobSpec job = PlannerTest.read(joined, new Findings()).orElseThrow();

    assertThat(PlanText.of(job, new Planner(PlannerTest.catalog()).plan(job)))
        .contains(
            """
              its watermark is that of the stream furthest behind: ads (at less 10s), clicks (by less 0s, idle after 1m, at most 1h ahead)
              in paid a row of ads waits until the watermark is 10m past its time
              in paid a row of clicks waits until the watermark is past its time
              late rows of paid are counted and left out
            """)
        .contains("  in seen a row of ads waits for ever\n");
  }

  @Test
  void saysWhatOfATableABatchSeesThatComesAgain() {
    String tables =
        JOB.replace(
            "sources:\n",
            """
            sources:
              - {name: ads, delta: {path: /ads}, static: {refresh: 10m}}
              - {name: shops, files: {path: /shops, format: parquet}, static: {refresh: on-change, retry: 5m}}
              - {name: owners, spark: {format: jdbc}, static: true}
            """);
    JobSpec job = PlannerTest.read(tables, new Findings()).orElseThrow();

    assertThat(PlanText.of(job, new Planner(PlannerTest.catalog()).plan(job)))
        .contains(
            """
              ads            delta, a table, read again every 10m, for up to 1h as it was where that fails
                             a batch that comes again sees the same version
              shops          files, a table, read again when it has changed, for up to 5m as it was where that fails
                             a batch that comes again sees the same files, or is logged as seeing others; where rows differ by that, sinks that hold digests of a batch refuse it
              owners         spark, a table, read at the start
                             a batch that comes again sees the table as it is then; where rows differ by that, sinks that hold digests of a batch refuse it
            """);
  }

  @Test
  void theRecordIsReadableAndKeepsSecrets() {
    assertThat(PlanRecord.of(plan()))
        .doesNotContain("hidden-value", "pass-word", "shop.yaml")
        .startsWith("job shop\nspark my.token\nsource clicks = MemorySource")
        .contains("\nquery clicks of clicks, writes [raw, copy], dead letters of [clicks, valid]\n")
        .contains("password=***");
  }

  @Test
  void theRecordStaysWhenOnlyThePlaceInTheFileChanges() {
    JobSpec moved = PlannerTest.read("# a remark\n" + JOB, new Findings()).orElseThrow();

    assertThat(PlanRecord.of(new Planner(PlannerTest.catalog()).plan(moved)))
        .isEqualTo(PlanRecord.of(plan()));
  }
}
