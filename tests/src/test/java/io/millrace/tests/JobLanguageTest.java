package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every word of the job language: it works, or it is refused as not supported yet. None is unknown,
 * and none is taken and ignored.
 */
class JobLanguageTest {
  private static final Path FOLDER = Jobs.folder("tests").resolve("src/test/resources/language");
  private static final String DB = "jdbc:postgresql://localhost/db";
  private static final String JOB =
      """
      job: language
      checkpoint: /checkpoints/language
      dead-letters: drop
      sources:
        - name: rows
          SOURCE
        - name: ads
          TABLE
      steps:
        - name: timed
          from: rows
          watermark: {time: at, delay: 30s}
        - name: result
          STEP
      sinks:
        - name: out
          SINK
      """;
  private static final Map<String, String> PLAIN =
      Map.of(
          "SOURCE", "memory: {name: rows, schema: \"id string, price double, at timestamp\"}",
          "TABLE",
              "memory: {name: ads, schema: \"id string, advertiser string, since timestamp\"}/static: true",
          "STEP", "sql: select * from timed",
          "SINK", "memory: out");

  @ParameterizedTest
  @ValueSource(
      strings = {
        // sources
        "SOURCE~kafka: {servers: \"h:1\", topics: [t], start: earliest, max-per-batch: 200000}"
            + "/decode: {json: \"id string not null, price double, at timestamp\"}",
        "SOURCE~kafka: {servers: \"h:1\", topics: [t]}/decode: {json: \"id string, at timestamp\"}",
        "SOURCE~kafka: {servers: \"h:1\", topics: [t]}/decode: {avro: {registry: \"http://h:1\"}}",
        "SOURCE~kafka: {servers: \"h:1\", topics: [t]}/decode: {avro: {registry: {url:"
            + " \"https://h:1\", user: u, password: \"${PW}\", truststore: ca.pem, patience: 1m},"
            + " subject: s, evolution: latest}}",
        "TABLE~delta: {path: /lake/ads}/static: true",
        "TABLE~delta: {path: /lake/ads}/static: {refresh: 10m}",
        "TABLE~delta: {path: /lake/ads}/static: {refresh: on-change, retry: 2h}",
        "STEP~from: rows/watermark: {time: at, delay: 30s, late: drop}",
        // steps
        "STEP~validate:/  - {rule: one, that: price > 0, else: dead-letter}"
            + "/  - {rule: two, that: price > 0, else: drop}"
            + "/  - {rule: three, that: price > 0, else: warn}"
            + "/  - {rule: four, that: price > 0, else: fail}",
        "STEP~lookup: {table: ads, on: [id], missing: keep}",
        "STEP~lookup: {table: ads, on: [id], missing: drop}",
        "STEP~lookup: {table: ads, on: [id], as-of: {time: at, valid-from: since, order-by:"
            + " [advertiser]}}",
        "STEP~lookup-jdbc: {url: \"${DB}\", user: app, password: \"${PW}\", table: ads, on: [id],"
            + " columns: advertiser string, missing: dead-letter, cache: {rows: 1000, time-to-live:"
            + " 1m, missing: 0s}}",
        "STEP~lookup-jdbc: {url: \"${DB}\", query: select 1 as id, on: [id], columns: n int}",
        "STEP~join: {left: timed, right: rows, on: [id, price, at], type: inner, time: at}",
        "STEP~dedupe: {keys: [id], within: 1m}",
        "STEP~dedupe: {keys: [id], unbounded: true}",
        "STEP~window: {time: at, every: 1m, by: [id], aggregate: {n: count(1), earned:"
            + " sum(price)}}",
        "STEP~window: {time: at, every: 1m, size: 2m, aggregate: {n: count(1)}}",
        "STEP~window: {time: at, session: 10m, by: [id], aggregate: {n: count(1)}}",
        "STEP~window: {time: at, every: 1h, cumulate: 10m, offset: 15m, aggregate: {n: count(1)}}",
        "STEP~window: {time: at, every: 1d, zone: Europe/Berlin, aggregate: {n: count(1)}}",
        "STEP~window: {time: at, snapshot: true, by: [id], aggregate: {n: count(1)}}",
        "STEP~from: rows/window: {time: processed, every: 1m, aggregate: {n: count(1)}}",
        "STEP~sql: select id, price from rows where price > 100",
        "STEP~when: price > 1/sql: select id from timed",
        // sinks
        "SINK~jdbc: {url: \"${DB}\", user: app, password: \"${PW}\", table: t, keys: [id]}"
            + "/mode: append/write: upsert/trigger: 10s",
        "SINK~jdbc: {url: \"${DB}\", table: t}/write: append/delivery: exactly-once",
        "SINK~jdbc: {url: \"${DB}\", table: t, keys: [id], order-by: [at], delete-when: price < 0}"
            + "/write: merge/mode: update",
        "SINK~jdbc: {url: \"${DB}\", table: t, keys: [id], existing: keep}/write: upsert",
        "SINK~kafka: {servers: \"h:1\", topic: t, key: id}/delivery: at-least-once/mode: update",
        "SINK~kafka: {servers: \"h:1\", topic: t, key: id}/delivery: exactly-once",
        "SINK~kafka: {servers: \"h:1\", topic: t, ledger: l, transaction-timeout: 5m, retry: 0s}"
            + "/delivery: exactly-once",
        "SINK~kafka: {servers: \"h:1\", topic: t, encode: json}",
        "SINK~kafka: {servers: \"h:1\", topic: t, encode: avro}/delivery: exactly-once",
        "SINK~kafka: {servers: \"h:1\", topic: t, encode: {avro: {record: a.B, subject: s,"
            + " register: false, registry: {url: \"http://h:1\", token: \"${PW}\"}}}}",
        "SINK~delta: {path: /lake/t}/trigger: available-now/delivery: exactly-once",
        "SINK~delta: {path: /lake/t, keys: [id], order-by: [at]}/write: upsert/delivery:"
            + " exactly-once",
        "SINK~delta: {path: /lake/t, keys: [id]}/mode: update/write: upsert",
        "SINK~delta: {path: /lake/t, keys: [id], order-by: [at], delete-when: price < 0}"
            + "/write: merge/delivery: exactly-once",
        "SINK~delta: {path: /lake/t, keys: [id], order-by: [at], history: {to: until}, schema:"
            + " rescue}/write: merge",
        "SINK~delta: {path: /lake/t, partition-by: [id], replace: partitions, schema: add-columns,"
            + " create: never, upkeep: {optimize-every: 100, vacuum-every: 1000}}",
        "SINK~redis: {url: \"redis://h\", keys: [id], order-by: [at]}/write: upsert"
            + "/delivery: once-per-key",
        "SINK~redis: {url: \"rediss://h:1/2\", keys: [id], form: json, expire-after: 1d,"
            + " delete-when: price < 0}/write: merge/mode: update",
        "SINK~http: {url: \"https://h/x\", body: lines, token: \"${PW}\", secret-headers: {X-Key:"
            + " \"${PW}\"}, requests-per-second: 5}/delivery: at-least-once",
        "SINK~files: {path: /out, format: json}/delivery: once-per-key/when: price > 1",
      })
  void works(String written) {
    String[] parts = written.split("~", 2);

    assertThat(said(parts[0], parts[1])).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          SOURCE | rate: {}/watermark: {time: ingested}                 | sources.rows.watermark.time: Cannot take 'ingested' as the time of a watermark: it is not supported yet. Name a timestamp column; a window takes 'ingested' without a watermark
          SOURCE | rate: {}/watermark: {time: processed}                | sources.rows.watermark.time: Cannot take 'processed' as the time of a watermark: it is not supported yet. Name a timestamp column; a window takes 'processed' without a watermark
          STEP   | explode: {column: parts}                             | steps.result: Cannot use 'explode': it is not supported yet. There are [changelog, changes, dedupe, join, lookup, lookup-jdbc, pattern, running, score, sequence, sql, stateful, top, union, update-state, validate, watermark, window]
          SINK   | redis: {url: "redis://h", keys: [a]}/write: delete    | sinks.out.redis: Cannot delete in Redis: this is not supported yet. Use write: merge with delete-when
          SINK   | delta: {path: /t}/write: delete                      | sinks.out.delta: Cannot delete in Delta: this is not supported yet. Use write: merge with delete-when
          SINK   | jdbc: {url: "${DB}", table: t}/write: delete         | sinks.out.jdbc: Cannot only delete in a database: this is not supported yet. Use write: merge with delete-when
          """)
  void isNotSupportedYet(String part, String written, String sentence) {
    List<String> said = said(part, written);

    assertThat(said).hasSize(1);
    assertThat(said.get(0)).matches("job.yaml:\\d+:\\d+  .*").endsWith("  " + sentence);
    assertThat(sentence).contains("not supported yet");
  }

  @Test
  void theWholeExampleIsSound() throws IOException {
    Path file = Jobs.withSecret(Jobs.folder("conf/jobs").resolve("ad-attribution.yaml"));

    assertThat(Jobs.lint(file, Map.of("KAFKA", "h:1", "LAKE", "/lake", "DB", DB))).isEmpty();
  }

  @Test
  void takesTheWholeExampleOfATraining() {
    assertThat(
            Jobs.lint(
                FOLDER.resolve("click-fraud.yaml"), Map.of("LAKE", "/lake", "MODELS", "/models")))
        .isEmpty();
  }

  private static List<String> said(String part, String written) {
    String job = JOB;
    for (Map.Entry<String, String> plain : PLAIN.entrySet()) {
      String lines = plain.getKey().equals(part) ? written : plain.getValue();
      job = job.replace(plain.getKey(), lines(lines));
    }
    return Jobs.lint(job, Map.of("DB", DB, "PW", "pass-word"));
  }

  /** A slash in front of a key or an item begins a line. */
  private static String lines(String written) {
    return written.strip().replaceAll("/(?=[a-z-]+: |  - )", "\n    ");
  }
}
