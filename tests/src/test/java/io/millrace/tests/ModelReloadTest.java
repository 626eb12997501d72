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
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Models that are exchanged while a job runs, and between its starts. */
class ModelReloadTest {
  private static final LocalPostgres DATABASE =
      LocalPostgres.shared().createDatabase("reload" + System.nanoTime());

  private static final String JOB =
      """
      job: reload
      checkpoint: ${HOME}/checkpoints
      sources:
        - name: lines
          files: {path: "${HOME}/in", format: text, max-files-per-batch: 1}
      steps:
        - {name: clicks, sql: "select value as id, 'phone' as device, 7 as hour, cast(length(value) * 300 as bigint) as dwell_ms from lines"}
        - name: scored
          score:
            model: ${HOME}/suspicious_clicks
            output: {fraud: "probability[1]"}
            version: scored_by
            reload: on-change
      dead-letters: drop
      sinks:
        - {name: one, jdbc: {url: "${DB}", user: "${DB_USER}", table: one}, trigger: TRIGGER}
        - {name: two, jdbc: {url: "${DB}", user: "${DB_USER}", table: two}, trigger: TRIGGER}
      """;
  private static final String ONCE = JOB.replace("TRIGGER", "available-now");
  private static final String FOR_EVER = JOB.replace("TRIGGER", "100ms");

  private final Path home = Folders.temporary("reload");
  private final Map<String, String> variables =
      Map.of(
          "HOME", home.toString(),
          "MODELS", home.toString(),
          "DATA", Jobs.folder("conf/examples/data").toString(),
          "DB", DATABASE.url(),
          "DB_USER", DATABASE.user());
  private final BlockingQueue<BatchReport> reports = new LinkedBlockingQueue<>();
  private LineFolder lines;

  @BeforeEach
  void setUp() throws IOException {
    DATABASE.execute("drop table if exists one, two, millrace_ledger");
    lines = new LineFolder(Files.createDirectories(home.resolve("in")).toString());
  }

  @AfterEach
  void tearDown() {
    DATABASE.execute("drop table if exists one, two, millrace_ledger");
  }

  /** Trains a version more, which is the current one then. */
  private String train() {
    Path file = Jobs.folder("conf/examples").resolve("pipeline.yaml");
    return new Training(Sessions.spark()).run(Jobs.training(file, variables)).version();
  }

  private List<String> versions(String table) {
    return DATABASE.read("select id || ' ' || scored_by from " + table + " order by id");
  }

  @Test
  void aBatchThatComesAgainIsScoredByTheVersionThatScoredItFirst() {
    String first = train();
    lines.add("a", "bb");
    Jobs.run(Jobs.plan(ONCE, variables));
    List<String> scores = DATABASE.read("select fraud from one order by id");
    String second = train();
    lines.add("ccc");
    Jobs.forget(home.resolve("checkpoints"), "lines", 0);
    DATABASE.execute("truncate two");
    DATABASE.execute("update millrace_ledger set last_batch = -1 where sink = 'two'");

    Jobs.run(Jobs.plan(ONCE, variables));

    assertThat(versions("two")).containsExactly("a " + first, "bb " + first, "ccc " + second);
    assertThat(DATABASE.read("select fraud from two where id <> 'ccc' order by id"))
        .isEqualTo(scores);
    assertThat(versions("one")).isEqualTo(versions("two"));
  }

  @Test
  void aBatchThatComesAgainStopsTheJobWhereItsVersionIsGone() {
    String first = train();
    lines.add("a");
    Jobs.run(Jobs.plan(ONCE, variables));
    train();
    Jobs.forget(home.resolve("checkpoints"), "lines", 0);
    Folders.delete(home.resolve("suspicious_clicks").resolve(first));

    assertThatThrownBy(() -> Jobs.run(Jobs.plan(ONCE, variables)))
        .isInstanceOf(JobFailedException.class)
        .hasMessageContaining(
            "Cannot score a batch that comes again with version " + first + " of the model at ")
        .hasMessageContaining("Put the version back");
  }

  @Test
  void goesOnWithTheVersionOfTheLastBatchWhereTheCurrentOneCannotBeLoaded() throws Exception {
    String first = train();
    lines.add("a");
    Jobs.run(Jobs.plan(ONCE, variables));
    spoil(train());
    lines.add("bb");

    Jobs.run(Jobs.plan(ONCE, variables));

    assertThat(versions("one")).containsExactly("a " + first, "bb " + first);
  }

  /** A byte more in one of its files. */
  private void spoil(String version) throws IOException {
    try (Stream<Path> files =
        Files.walk(home.resolve("suspicious_clicks").resolve(version).resolve("model"))) {
      Path file = files.filter(each -> each.toString().endsWith(".parquet")).findFirst().get();
      Files.write(file, new byte[] {0}, StandardOpenOption.APPEND);
    }
  }

  /** Rows come all the time; the version of each is the one that its batch was noted with. */
  @Test
  void exchangesModelsWhileItRuns() throws Exception {
    Set<String> all = new HashSet<>(Set.of(train()));
    Feeding feeding = new Feeding();
    Launcher launcher = new Launcher(Sessions.spark(), reports::add, List.of());
    try (RunningJob job = launcher.launch(Jobs.plan(FOR_EVER, variables))) {
      feeding.start();
      for (int i = 0; i < 2; i++) {
        String next = train();
        all.add(next);
        await(next);
      }
      String bad = train();
      spoil(bad);
      awaitFailing();
      feeding.end();
      awaitRows(feeding.fed);
    }

    Map<Long, String> noted = noted();
    assertThat(noted.values()).containsExactlyInAnyOrderElementsOf(all);
    assertThat(DATABASE.read("select count(distinct id) || ' ' || count(*) from one"))
        .containsExactly(feeding.fed + " " + feeding.fed);
    assertThat(new HashSet<>(DATABASE.read("select distinct scored_by from one"))).isEqualTo(all);
    assertThat(versions("one")).isEqualTo(versions("two"));
  }

  private void await(String version) throws InterruptedException {
    PartState scored = scored();
    while (!scored.version().equals(version)) {
      scored = scored();
    }
  }

  private void awaitFailing() throws InterruptedException {
    PartState scored = scored();
    while (scored.failing().filter(why -> why.contains("sha256")).isEmpty()) {
      scored = scored();
    }
  }

  private PartState scored() throws InterruptedException {
    return Objects.requireNonNull(next().parts().get("scored"));
  }

  private void awaitRows(long rows) throws InterruptedException {
    while (Long.parseLong(DATABASE.read("select count(*) from two").get(0)) < rows) {
      next();
    }
  }

  private BatchReport next() throws InterruptedException {
    BatchReport report = reports.poll(60, TimeUnit.SECONDS);
    assertThat(report).as("a batch within a minute").isNotNull();
    return report;
  }

  /** The version of the first batch that saw it. */
  private Map<Long, String> noted() throws IOException {
    Map<Long, String> noted = new LinkedHashMap<>();
    try (Stream<Path> files = Files.list(home.resolve("checkpoints/lines/models/scored"))) {
      for (Path file :
          files.filter(each -> each.getFileName().toString().matches("[0-9]+")).toList()) {
        noted.put(Long.valueOf(file.getFileName().toString()), Files.readString(file));
      }
    }
    return noted;
  }

  /** Adds a file with one row every few milliseconds. */
  private final class Feeding extends Thread {
    private volatile boolean over;
    private long fed;

    @Override
    public void run() {
      while (!over) {
        lines.add("%08d".formatted(fed));
        fed++;
        pause();
      }
    }

    /** As long as a source would: the load, not a wait for something to happen. */
    private void pause() {
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    void end() throws InterruptedException {
      over = true;
      join();
    }
  }
}
