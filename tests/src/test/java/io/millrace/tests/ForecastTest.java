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
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.streaming.StreamingQueryProgress;
import org.junit.jupiter.api.Test;

/** What is said of the state of a job before it runs, held against what it then has. */
class ForecastTest {
  private static final int BATCHES = 9;
  private static final int SECONDS = 10;
  private static final int RATE = 100;
  private static final int KEYS = 300;

  private static final String JOB =
      """
      job: forecast
      checkpoint: ${FOLDER}/checkpoint
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
      dead-letters: drop
      sinks:
        - {name: s1, from: sliding, memory: {name: forecast_sliding}, trigger: available-now}
        - {name: s2, from: visits, memory: {name: forecast_visits}, trigger: available-now}
        - {name: s3, from: once, memory: {name: forecast_once}, trigger: available-now}
        - {name: s4, from: seen, memory: {name: forecast_seen}, trigger: available-now}
        - {name: s5, from: changed, memory: {name: forecast_changed}, trigger: available-now}
      """;

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
            Map.of("k", (long) KEYS),
            Map.of("k", 4, "v", 40, "page", 40),
            Duration.ofSeconds(SECONDS));

    Forecast.Told told = Forecast.of(planned.job(), planned.plan(), load);

    assertThat(told.silent()).isEmpty();
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
                found.put(
                    name,
                    new Found(
                        entries(most), bytes(checkpoint.resolve(name), name, most.batchId())));
              });
    }
    return found;
  }

  private static long entries(StreamingQueryProgress progress) {
    return progress.stateOperators()[0].numRowsTotal();
  }

  /** The keys and values in the store, in Spark's own format, as a batch left them. */
  private static long bytes(Path checkpoint, String name, long batch) {
    return switch (name) {
      case "seen" ->
          bytes(checkpoint, batch, Map.of("storeName", "left-keyWithIndexToValue"))
              + bytes(checkpoint, batch, Map.of("storeName", "right-keyWithIndexToValue"));
      case "changed" ->
          bytes(checkpoint, batch, Map.of("stateVarName", "memory"))
              + bytes(checkpoint, batch, Map.of("stateVarName", "waiting"));
      default -> bytes(checkpoint, batch, Map.of());
    };
  }

  private static long bytes(Path checkpoint, long batch, Map<String, String> options) {
    Dataset<Row> rows =
        Sessions.spark()
            .read()
            .format("statestore")
            .option("batchId", batch)
            .options(options)
            .load(checkpoint.toString());
    double bytes = 0;
    for (String part : rows.columns()) {
      if (!part.equals("partition_id")) {
        bytes +=
            rows.selectExpr(part + ".*")
                .queryExecution()
                .toRdd()
                .toJavaRDD()
                .mapToDouble(row -> ((UnsafeRow) row).getSizeInBytes())
                .sum();
      }
    }
    return (long) bytes;
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
