package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.plan.Analyzer;
import io.millrace.engine.plan.Catalog;
import io.millrace.engine.plan.Forecast;
import io.millrace.engine.plan.Load;
import io.millrace.engine.run.Launcher;
import io.millrace.engine.run.RunningJob;
import io.millrace.engine.spec.Variables;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.Sessions;
import io.millrace.jobs.JobFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.streaming.StreamingQueryProgress;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

/** What is said of the state of a job before it runs, held against what it then has. */
class ForecastTest {
  private static final int BATCHES = 3;
  private static final int SECONDS = 20;
  private static final int RATE = 100;
  private static final int KEYS = 300;

  private static final String JOB =
      """
      job: forecast
      checkpoint: ${FOLDER}/checkpoint
      spark:
        spark.sql.shuffle.partitions: "1"
        spark.sql.codegen.wholeStage: "false"
        spark.sql.streaming.noDataMicroBatches.enabled: "false"
      sources:
        - name: clicks
          files: {path: "${FOLDER}/clicks", format: json, max-files-per-batch: 1, schema: "id bigint, k string, v string, t timestamp"}
          watermark: {time: t, delay: 10s}
        - name: views
          files: {path: "${FOLDER}/views", format: json, max-files-per-batch: 1, schema: "view bigint, k string, page string, seen timestamp"}
          watermark: {time: seen, delay: 10s}
      steps:
        - name: sliding
          from: clicks
          window: {time: t, every: 10s, size: 30s, by: [k], aggregate: {n: count(1), mean: avg(id), last: max(v)}}
        - name: visits
          from: clicks
          window: {time: t, session: 4s, by: [k], aggregate: {n: count(1)}}
        - name: once
          from: clicks
          dedupe: {keys: [id], within: 20s}
        - name: seen
          join: {left: clicks, right: views, on: [k], after: 20s, before: 5s}
        - name: changed
          from: clicks
          changes: {by: [k], of: [v], forget: 15s}
        - name: best
          from: clicks
          top: {rows: 2, order: [id desc], by: [k], every: 10s}
        - name: leaders
          from: clicks
          top: {rows: 3, order: [id desc], by: [k], unbounded: true}
        - name: pairs
          from: clicks
          pattern: {by: [k], match: [{name: a, when: id % 5 = 0}, {name: b, when: id % 50 = 1}], within: 20s, columns: {v: a.v}}
        - name: quiet
          from: clicks
          stateful: {class-name: io.millrace.engine.step.Silence, by: [k], output: "k string, last timestamp, at timestamp", settings: {time: t, seconds: "20"}}
        - name: totals
          from: clicks
          update-state: {by: [k], aggregate: {n: count(1), last: max(v)}, unbounded: true}
        - name: few
          from: clicks
          sql: select id, k, t from clicks where id % 4 = 0
        - name: grouped
          sql: select k, window(t, '30 seconds', '10 seconds') as span, count(1) as n from few group by k, window(t, '30 seconds', '10 seconds')
        - name: met
          sql: >-
            select c.id, c.v, s.page from clicks c
            join views s on c.k = s.k and s.seen between c.t - interval 5 seconds and c.t + interval 20 seconds
        - name: sorts
          sql: {query: "select distinct k, right(v, 1) as sort from clicks", unbounded: true}
      dead-letters: drop
      sinks:
        - {name: s1, from: sliding, memory: {name: forecast_sliding}, trigger: available-now}
        - {name: s2, from: visits, memory: {name: forecast_visits}, trigger: available-now}
        - {name: s3, from: once, memory: {name: forecast_once}, trigger: available-now}
        - {name: s4, from: seen, memory: {name: forecast_seen}, trigger: available-now}
        - {name: s5, from: changed, memory: {name: forecast_changed}, trigger: available-now}
        - {name: s6, from: best, memory: {name: forecast_best}, trigger: available-now}
        - {name: s7, from: leaders, memory: {name: forecast_leaders}, trigger: available-now}
        - {name: s8, from: pairs, memory: {name: forecast_pairs}, trigger: available-now}
        - {name: s9, from: quiet, memory: {name: forecast_quiet}, trigger: available-now}
        - {name: s10, from: totals, memory: {name: forecast_totals}, mode: update, trigger: available-now}
        - {name: s11, from: grouped, memory: {name: forecast_grouped}, trigger: available-now}
        - {name: s12, from: met, memory: {name: forecast_met}, trigger: available-now}
        - {name: s13, from: sorts, memory: {name: forecast_sorts}, mode: update, trigger: available-now}
      """;

  private static final List<Map<String, String>> WAITING =
      List.of(Map.of("stateVarName", "memory"), Map.of("stateVarName", "waiting"));
  private static final List<Map<String, String>> SIDES =
      List.of(
          Map.of("storeName", "left-keyWithIndexToValue"),
          Map.of("storeName", "right-keyWithIndexToValue"));

  /** How Spark calls the stores of steps that have more than one. */
  private static final Map<String, List<Map<String, String>>> STORES =
      Map.of(
          "seen", SIDES,
          "met", SIDES,
          "changed", WAITING,
          "pairs", WAITING,
          "best", List.of(Map.of("stateVarName", "memory")),
          "leaders", List.of(Map.of("stateVarName", "memory")),
          "quiet", List.of(Map.of("stateVarName", "last")));

  @Test
  void isWithinAFactorOfTwo() throws IOException {
    Path folder = Folders.temporary("forecast");
    write(folder, "clicks", "id", "v", "t");
    write(folder, "views", "view", "page", "seen");
    Path file = Files.writeString(folder.resolve("job.yaml"), JOB);
    JobFiles.Planned planned =
        new JobFiles(Catalog.load(), Variables.of(Map.of("FOLDER", folder.toString())))
            .plan(file, Analyzer.Run.STREAM);
    Load load =
        new Load(
            Map.of("clicks", (double) RATE, "views", (double) RATE),
            Map.of("k", (long) KEYS, "sort", 9L),
            Map.of("k", 4, "v", 40, "page", 40, "sort", 1),
            Map.of("few", 0.25, "pairs.a", 0.2),
            Map.of("quiet", 40),
            Duration.ofSeconds(SECONDS));

    Forecast.Told told = Forecast.of(planned.job(), planned.plan(), load);

    assertThat(told.silent()).isEmpty();
    assertThat(told.own()).isEmpty();
    assertThat(told.open()).isEmpty();
    Map<String, Found> found = run(planned, folder.resolve("checkpoint"));
    for (Forecast.State state : told.states()) {
      Found measured = Objects.requireNonNull(found.get(state.step()), state.step());
      System.out.printf(
          "%s: %.0f entries of %.0f bytes told, %s%n",
          state.step(), state.entries(), state.bytes(), measured);
      assertThat(state.entries() / measured.entries()).as(state.step()).isBetween(0.5, 2.0);
      assertThat(state.bytes() / measured.bytes()).as(state.step()).isBetween(0.5, 2.0);
    }
  }

  /** What a query had when it had most. */
  private record Found(long entries, long bytes) {}

  private static Map<String, Found> run(JobFiles.Planned planned, Path checkpoint) {
    Map<String, Found> found = new TreeMap<>();
    try (RunningJob job = new Launcher(Sessions.spark()).launch(planned.plan())) {
      job.await();
      job.queries()
          .forEach(
              (name, query) -> {
                StreamingQueryProgress[] progress = query.recentProgress();
                StreamingQueryProgress most =
                    Stream.of(progress)
                        .skip(progress.length / 2)
                        .max(Comparator.comparingLong(ForecastTest::entries))
                        .orElseThrow();
                String step = name.replace("_update", "");
                found.put(
                    step,
                    new Found(
                        entries(most), bytes(checkpoint.resolve(name), step, most.batchId())));
              });
    }
    return found;
  }

  private static long entries(StreamingQueryProgress progress) {
    return progress.stateOperators()[0].numRowsTotal();
  }

  /** The keys and values in the stores, in Spark's own format, as a batch left them. */
  private static long bytes(Path checkpoint, String step, long batch) {
    return STORES.getOrDefault(step, List.of(Map.of())).stream()
        .mapToLong(store -> bytes(checkpoint, batch, store))
        .sum();
  }

  private static long bytes(Path checkpoint, long batch, Map<String, String> options) {
    Dataset<Row> rows =
        Sessions.spark()
            .read()
            .format("statestore")
            .option("batchId", batch)
            .options(options)
            .load(checkpoint.toString());
    String[] parts =
        Stream.of(rows.columns())
            .filter(name -> !name.equals("partition_id"))
            .toArray(String[]::new);
    int[] widths =
        Stream.of(parts)
            .mapToInt(part -> ((StructType) rows.schema().apply(part).dataType()).length())
            .toArray();
    return rows.selectExpr(parts)
        .queryExecution()
        .toRdd()
        .toJavaRDD()
        .mapToDouble(row -> size(row, widths))
        .sum()
        .longValue();
  }

  private static double size(InternalRow row, int[] widths) {
    return IntStream.range(0, widths.length)
        .map(at -> ((UnsafeRow) row.getStruct(at, widths[at])).getSizeInBytes())
        .sum();
  }

  /** Rows of each second, in a file for each batch. */
  private static void write(Path folder, String name, String number, String text, String time)
      throws IOException {
    Random random = new Random(name.hashCode());
    Path rows = Files.createDirectories(folder.resolve(name));
    long id = 0;
    for (int batch = 0; batch < BATCHES; batch++) {
      List<String> lines = new ArrayList<>();
      for (int row = 0; row < SECONDS * RATE; row++) {
        Instant at =
            Instant.parse("2026-01-01T00:00:00Z")
                .plusMillis((long) batch * SECONDS * 1000 + row * 1000L / RATE);
        lines.add(
            "{\"%s\": %d, \"k\": \"k%03d\", \"%s\": \"%s\", \"%s\": \"%s\"}"
                .formatted(
                    number,
                    id++,
                    random.nextInt(KEYS),
                    text,
                    "x".repeat(39) + random.nextInt(9),
                    time,
                    at));
      }
      Path file = Files.write(rows.resolve("%02d.json".formatted(batch)), lines);
      Files.setLastModifiedTime(
          file, FileTime.from(Instant.parse("2026-01-02T00:00:00Z").plusSeconds(batch)));
    }
  }
}
