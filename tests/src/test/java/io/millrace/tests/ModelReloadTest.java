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
import io.millrace.models.ModelStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
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

  /** How often another version takes over: {@code -Dmodel.exchanges=20}. */
  private static final int EXCHANGES = Integer.getInteger("model.exchanges", 4);

  private static final String ONCE = JOB.replace("TRIGGER", "available-now");
  private static final String FOR_EVER = JOB.replace("TRIGGER", "100ms");

  private static final Path TRAINED = Folders.temporary("reload-models");

  /** Versions of one model, the oldest first. */
  private static final List<String> VERSIONS = new ArrayList<>();

  private final Path home = Folders.temporary("reload");
  private final Map<String, String> variables =
      Map.of(
          "HOME", home.toString(),
          "DB", DATABASE.url(),
          "DB_USER", DATABASE.user());
  private final BlockingQueue<BatchReport> reports = new LinkedBlockingQueue<>();
  private final List<Long> ends = new CopyOnWriteArrayList<>();

  /** The version of the model by batches. */
  private final Map<Long, String> saw = new ConcurrentSkipListMap<>();

  private LineFolder lines;

  @BeforeAll
  static void train() {
    Path file = Jobs.folder("conf/examples").resolve("pipeline.yaml");
    Map<String, String> variables =
        Map.of(
            "MODELS", TRAINED.toString(),
            "DATA", Jobs.folder("conf/examples/data").toString());
    for (int i = 0; i < 4; i++) {
      VERSIONS.add(new Training(Sessions.spark()).run(Jobs.training(file, variables)).version());
    }
  }

  @BeforeEach
  void setUp() throws IOException {
    DATABASE.execute("drop table if exists one, two, millrace_ledger");
    lines = new LineFolder(Files.createDirectories(home.resolve("in")).toString());
    FileUtils.copyDirectory(
        TRAINED.resolve("suspicious_clicks").toFile(), home.resolve("suspicious_clicks").toFile());
  }

  @AfterEach
  void tearDown() {
    DATABASE.execute("drop table if exists one, two, millrace_ledger");
  }

  private ModelStore store() {
    return ModelStore.at(home + "/suspicious_clicks");
  }

  /** Puts one of the versions in use, and says its name. */
  private String use(int number) {
    return store().promote(VERSIONS.get(number)).manifest().version();
  }

  private List<String> versions(String table) {
    return DATABASE.read("select id || ' ' || scored_by from " + table + " order by id");
  }

  @Test
  void aBatchThatComesAgainIsScoredByTheVersionThatScoredItFirst() {
    String first = use(0);
    lines.add("a", "bb");
    Jobs.run(Jobs.plan(ONCE, variables));
    List<String> scores = DATABASE.read("select fraud from one order by id");
    String second = use(1);
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
    String first = use(0);
    lines.add("a");
    Jobs.run(Jobs.plan(ONCE, variables));
    String unused = use(1);
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
    String first = use(0);
    lines.add("a");
    Jobs.run(Jobs.plan(ONCE, variables));
    spoil(use(1));
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

  /**
   * A row a batch comes all the time; the version of each is the one that its batch was noted with.
   */
  @Test
  void exchangesModelsWhileItRuns() throws Exception {
    String damaged = use(3);
    byte[] pointing = Files.readAllBytes(pointer());
    spoil(damaged);
    String first = use(2);
    Feeding feeding = new Feeding();
    Launcher launcher = new Launcher(Sessions.spark(), this::report, List.of());
    try (RunningJob job = launcher.launch(Jobs.plan(FOR_EVER, variables))) {
      feeding.start();
      for (int i = 0; i < EXCHANGES; i++) {
        await(use(i % 3));
      }
      point(pointing);
      awaitFailing();
      feeding.end();
      awaitRows(feeding.fed);
    }

    assertThat(saw).containsEntry(0L, first);
    assertThat(exchanges()).isEqualTo(EXCHANGES);
    assertThat(saw).containsAllEntriesOf(noted());
    assertThat(versions("one")).isEqualTo(expected(feeding.fed));
    assertThat(versions("two")).isEqualTo(versions("one"));
    System.out.printf(
        "%d exchanges, %d batches of a row: from the end of one to that of the next %.0f ms in the"
            + " middle, %.0f ms at most%n",
        EXCHANGES, ends.size(), between(0.5), between(1));
  }

  private Path pointer() {
    return home.resolve("suspicious_clicks/current");
  }

  /** As somebody would who puts a version in use by hand. */
  private void point(byte[] pointing) throws IOException {
    Path aside = Files.write(home.resolve("aside"), pointing);
    Files.move(aside, pointer(), StandardCopyOption.ATOMIC_MOVE);
  }

  private void report(BatchReport report) {
    ends.add(System.nanoTime());
    saw.put(report.batch(), Objects.requireNonNull(report.parts().get("scored")).version());
    reports.add(report);
  }

  /** Milliseconds between the ends of two batches that a share of all are not above. */
  private double between(double share) {
    double[] sorted =
        IntStream.range(1, ends.size())
            .mapToDouble(i -> (ends.get(i) - ends.get(i - 1)) / 1e6)
            .sorted()
            .toArray();
    return sorted[(int) (share * (sorted.length - 1))];
  }

  private long exchanges() {
    List<String> each = List.copyOf(saw.values());
    return IntStream.range(1, each.size())
        .filter(i -> !each.get(i).equals(each.get(i - 1)))
        .count();
  }

  /** Batch n has row n. */
  private List<String> expected(long rows) {
    return LongStream.range(0, rows).mapToObj(n -> "%08d ".formatted(n) + saw.get(n)).toList();
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

  /** What the checkpoint still has: the version of a batch that saw another than the one before. */
  private Map<Long, String> noted() throws IOException {
    Map<Long, String> noted = new HashMap<>();
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
