package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.run.JobFailedException;
import io.millrace.engine.run.Launcher;
import io.millrace.engine.run.RunningJob;
import io.millrace.engine.run.Training;
import io.millrace.engine.spi.BatchReport;
import io.millrace.engine.spi.PartState;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LineFolder;
import io.millrace.engine.testing.LocalPostgres;
import io.millrace.engine.testing.Sessions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A stream whose rows move away from those that its model learned from. */
class ModelDriftTest {
  private static final LocalPostgres DATABASE =
      LocalPostgres.shared().createDatabase("drift" + System.nanoTime());

  private static final String TRAINING =
      """
      model: clicks
      from: {files: {path: "${HOME}/history", format: csv, schema: "id bigint, dwell_ms bigint, label int"}}
      features: [dwell_ms]
      label: label
      pipeline:
        - logistic-regression: {}
      split: {test: 20%, seed: 7}
      store: ${HOME}/store
      """;
  private static final String JOB =
      """
      job: drift
      checkpoint: ${HOME}/checkpoints
      sources:
        - name: lines
          files: {path: "${HOME}/in", format: text}
      steps:
        - {name: clicks, sql: "select value as id, cast(value as bigint) as dwell_ms from lines"}
        - name: scored
          score:
            model: ${HOME}/store
            output: {fraud: "probability[1]"}
            version: scored_by
            reload: on-change
            drift: {over: 300, least: 200, warn: {psi: 0.25}STOP}
      dead-letters: drop
      sinks:
        - {name: out, jdbc: {url: "${DB}", user: "${DB_USER}", table: out}, trigger: TRIGGER}
      """;

  private final Path home = Folders.temporary("drift");
  private final Map<String, String> variables =
      Map.of("HOME", home.toString(), "DB", DATABASE.url(), "DB_USER", DATABASE.user());
  private final BlockingQueue<BatchReport> reports = new LinkedBlockingQueue<>();
  private LineFolder lines;

  @BeforeEach
  void setUp() throws IOException {
    DATABASE.execute("drop table if exists out, millrace_ledger");
    lines = new LineFolder(Files.createDirectories(home.resolve("in")).toString());
  }

  @AfterEach
  void tearDown() {
    DATABASE.execute("drop table if exists out, millrace_ledger");
  }

  /** A model of dwell times of a second more than these milliseconds, and less than two. */
  private String train(int from) throws IOException {
    Path history = Files.createDirectories(home.resolve("history"));
    Files.write(
        history.resolve("rows.csv"),
        IntStream.range(0, 400)
            .mapToObj(i -> i + "," + (from + i * 5 / 2) + "," + (i % 7 == 0 ? i % 2 : i / 200))
            .toList());
    return new Training(Sessions.spark()).run(Jobs.training(TRAINING, variables)).version();
  }

  /** As many rows as said, of dwell times from this one on. */
  private void add(int from, int count) {
    lines.add(
        IntStream.range(0, count)
            .mapToObj(i -> Integer.toString(from + i * 1_000 / count))
            .toArray(String[]::new));
  }

  private PartState run(String stop) throws InterruptedException {
    String job = JOB.replace("STOP", stop).replace("TRIGGER", "available-now");
    try (RunningJob running = launch(job)) {
      running.await();
    }
    return scored(next());
  }

  private RunningJob launch(String job) {
    return new Launcher(Sessions.spark(), reports::add, List.of())
        .launch(Jobs.plan(job, variables));
  }

  private BatchReport next() throws InterruptedException {
    BatchReport report = reports.poll(60, TimeUnit.SECONDS);
    assertThat(report).as("a batch within a minute").isNotNull();
    return report;
  }

  private static PartState scored(BatchReport report) {
    return Objects.requireNonNull(report.parts().get("scored"));
  }

  private static double figure(PartState part, String name) {
    return Objects.requireNonNull(part.figures().get(name), name);
  }

  private List<String> rows() {
    return DATABASE.read("select count(*) || ' ' || count(distinct id) from out");
  }

  @Test
  void stopsBehindABatchOfOtherRowsAndLosesNone() throws Exception {
    String version = train(0);
    add(0, 300);
    PartState like = run(", stop: {psi: 2}");
    assertThat(like.warnings()).isEmpty();
    assertThat(figure(like, "psi.dwell_ms")).isLessThan(0.1);
    assertThat(figure(like, "drift.rows")).isEqualTo(300);

    add(5_000, 280);
    assertThatThrownBy(() -> run(", stop: {psi: 2}"))
        .isInstanceOf(JobFailedException.class)
        .hasMessageContaining(
            "Cannot go on: Drift in step scored since version "
                + version
                + " of its model was trained, over the last 280 rows: psi of ")
        .hasMessageContaining("100.0% of its values are above ")
        .hasMessageContaining("Train the model again or promote another version");
    PartState off = scored(next());
    assertThat(figure(off, "psi.dwell_ms")).isGreaterThan(2);
    assertThat(figure(off, "ks.dwell_ms")).isGreaterThan(0.9);
    assertThat(off.warnings()).anyMatch(text -> text.startsWith("drift of dwell_ms psi "));
    assertThat(rows()).containsExactly("580 580");

    assertThat(figure(run(", stop: {psi: 2}"), "drift.rows")).isZero();
    assertThat(rows()).containsExactly("580 580");
  }

  @Test
  void aVersionThatLearnedFromTheNewRowsBringsTheFiguresDown() throws Exception {
    train(0);
    add(5_000, 300);
    try (RunningJob running = launch(JOB.replace("STOP", "").replace("TRIGGER", "100ms"))) {
      PartState off = scored(next());
      assertThat(off.warnings()).isNotEmpty();

      String second = train(5_000);
      int from = 5_000;
      PartState now = off;
      while (!now.version().equals(second) || !now.figures().containsKey("psi.dwell_ms")) {
        add(from++, 100);
        now = scored(next());
      }
      assertThat(now.warnings()).isEmpty();
      assertThat(figure(now, "psi.dwell_ms")).isLessThan(0.2);
      assertThat(figure(now, "drift.rows")).isBetween(200.0, 400.0);
    }
  }
}
