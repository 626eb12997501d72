package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.run.JobFailedException;
import io.millrace.engine.run.Launcher;
import io.millrace.engine.run.RunningJob;
import io.millrace.engine.spi.BatchReport;
import io.millrace.engine.spi.TableState;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LineFolder;
import io.millrace.engine.testing.LocalPostgres;
import io.millrace.engine.testing.Sessions;
import io.millrace.sinks.memory.MemorySink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Static tables that change while a job runs, between two starts, and before a batch comes again.
 */
class StaticTableTest {
  private static final LocalPostgres DATABASE =
      LocalPostgres.shared().createDatabase("tables" + System.nanoTime());

  private static final String JOB =
      """
      job: tables
      checkpoint: ${HOME}/checkpoints
      dead-letters: drop
      sources:
        - {name: lines, files: {path: "${HOME}/in", format: text, max-files-per-batch: 1}}
        - {name: countries, %s, static: %s}
      steps:
        - {name: orders, sql: "select value as id from lines"}
        - {name: placed, lookup: {table: countries, on: [id]}}
      sinks:
      """;
  private static final String DELTA = "delta: {path: \"${HOME}/countries\"}";
  private static final String CSV =
      "files: {path: \"${HOME}/countries\", format: csv, schema: \"id string, country string\"}";

  /** The step runs within the frame of the query, or in a branch of it. */
  private static final String TRUNK =
      "  - {name: out, from: placed, memory: \"${HOME}\", trigger: available-now}\n";

  private static final String BRANCH =
      TRUNK + "  - {name: raw, from: lines, memory: \"${HOME}/raw\", trigger: available-now}\n";
  private static final String TWICE =
      """
        - {name: one, from: placed, jdbc: {url: "${DB}", user: "${DB_USER}", table: one}, trigger: available-now}
        - {name: two, from: placed, jdbc: {url: "${DB}", user: "${DB_USER}", table: two}, trigger: available-now}
      """;

  private final Path home = Folders.temporary("tables");
  private final Path table = home.resolve("countries");
  private final Map<String, String> variables =
      Map.of("HOME", home.toString(), "DB", DATABASE.url(), "DB_USER", DATABASE.user());
  private final LineFolder lines = new LineFolder(home.resolve("in").toString());
  private final List<BatchReport> reports = new ArrayList<>();

  @BeforeEach
  void setUp() throws IOException {
    DATABASE.execute("drop table if exists one, two, millrace_ledger, millrace_history");
    Files.createDirectories(home.resolve("in"));
    country("uk");
    lines.add("ada");
  }

  private void country(String country) {
    Sessions.spark()
        .createDataFrame(
            List.of(RowFactory.create("ada", country)),
            StructType.fromDDL("id string, country string"))
        .write()
        .format("delta")
        .mode(SaveMode.Overwrite)
        .save(table.toString());
  }

  private void file(String country) {
    try {
      Folders.delete(table);
      Files.createDirectories(table);
      Files.writeString(table.resolve("rows.csv"), "ada," + country + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Plan plan(String source, String how, String sinks) {
    return Jobs.plan(JOB.formatted(source, how) + sinks, variables);
  }

  /** Runs a job over all lines that are there; {@code first} happens behind the first batch. */
  private void run(Plan plan, Runnable first) {
    boolean[] done = {false};
    Launcher launcher =
        new Launcher(
            Sessions.spark(),
            report -> {
              reports.add(report);
              if (!done[0]) {
                done[0] = true;
                first.run();
              }
            },
            List.of());
    try (RunningJob job = launcher.launch(plan)) {
      job.await();
    }
  }

  private List<String> placed() {
    return MemorySink.batches(home.toString()).values().stream()
        .flatMap(List::stream)
        .map(row -> row.getString(1))
        .toList();
  }

  private TableState seen(int batch) {
    return Objects.requireNonNull(reports.get(batch).tables().get("countries"));
  }

  /** Counts the jobs that collect rows for a broadcast. */
  private static final class Broadcasts extends SparkListener {
    private final AtomicInteger count = new AtomicInteger();

    @Override
    public void onJobStart(SparkListenerJobStart job) {
      if (job.properties().getProperty("spark.job.tags", "").contains("broadcast exchange")) {
        count.incrementAndGet();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {TRUNK, BRANCH})
  void aTableIsReadAgainWhenItHasChanged(String sinks) throws TimeoutException {
    lines.add("ada");
    lines.add("ada");
    Broadcasts made = new Broadcasts();
    SparkContext context = Sessions.spark().sparkContext();
    context.addSparkListener(made);
    run(plan(DELTA, "{refresh: on-change}", sinks), () -> country("fr"));
    context.listenerBus().waitUntilEmpty();
    context.removeSparkListener(made);

    assertThat(placed()).containsExactly("uk", "fr", "fr");
    assertThat(made.count).as("broadcasts, one for each version of the table").hasValue(2);
    assertThat(seen(0).version()).hasValueSatisfying(v -> assertThat(v).startsWith("0 of "));
    assertThat(seen(2).version()).hasValueSatisfying(v -> assertThat(v).startsWith("1 of "));
    assertThat(seen(2).rows()).isOne();
  }

  @Test
  void filesTellThatTheyAreOthers() {
    file("uk");
    lines.add("ada");
    run(plan(CSV, "{refresh: on-change}", TRUNK), () -> file("france"));

    assertThat(placed()).containsExactly("uk", "france");
  }

  @Test
  void aTableWithoutRefreshIsReadOncePerStart() {
    lines.add("ada");
    run(plan(DELTA, "true", BRANCH), () -> country("fr"));
    assertThat(placed()).containsExactly("uk", "uk");

    lines.add("ada");
    run(plan(DELTA, "true", BRANCH), () -> {});
    assertThat(placed()).containsExactly("uk", "uk", "fr");
  }

  @Test
  void aJobMayStopAtOnceWhereATableCannotBeReadAgain() {
    lines.add("ada");

    assertThatThrownBy(
            () ->
                run(
                    plan(DELTA, "{refresh: on-change, retry: 0s}", TRUNK),
                    () -> Folders.delete(table)))
        .isInstanceOf(JobFailedException.class)
        .hasMessageContaining(
            "Cannot read the table 'countries' again: Cannot read the Delta table in " + table)
        .hasMessageContaining("have done for 0s");
    assertThat(placed()).containsExactly("uk");
  }

  /** As if the driver had died between the commits of the two. */
  private void takeBackFromTwo() {
    Jobs.forget(home.resolve("checkpoints"), "lines", 0);
    DATABASE.execute("truncate two");
    DATABASE.execute("update millrace_ledger set last_batch = -1 where sink = 'two'");
  }

  @Test
  void aBatchThatComesAgainSeesTheVersionThatItSawFirst() {
    Plan plan = plan(DELTA, "true", TWICE);
    run(plan, () -> country("fr"));
    takeBackFromTwo();
    lines.add("ada");
    run(plan, () -> {});

    assertThat(DATABASE.read("select country from one order by 1")).containsExactly("fr", "uk");
    assertThat(DATABASE.read("select country from two order by 1")).containsExactly("fr", "uk");
  }

  @Test
  void aVersionThatIsGoneIsNamedWithTheWayOut() {
    Plan plan = plan(DELTA, "true", TWICE);
    run(plan, () -> {});
    takeBackFromTwo();
    Folders.delete(table);
    country("uk");

    assertThatThrownBy(() -> run(plan, () -> {}))
        .hasMessageContaining("Cannot read the table 'countries' in version 0 of ")
        .hasMessageContaining("which batch 0 saw before it comes again: Cannot read version 0 of ")
        .hasMessageContaining("Delete the folder ")
        .hasMessageContaining("/checkpoints/lines/tables/countries to write the batch with");
    Folders.delete(home.resolve("checkpoints/lines/tables/countries"));
    run(plan, () -> {});
    assertThat(DATABASE.read("select country from two")).containsExactly("uk");
  }

  /** Files of before are gone: sinks that know what they have refuse other rows, and say so. */
  @Test
  void otherFilesAreRefusedWhereOneSinkHasTheBatch() {
    file("uk");
    Plan plan = plan(CSV, "{refresh: on-change}", TWICE);
    run(plan, () -> file("france"));
    takeBackFromTwo();

    assertThatThrownBy(() -> run(plan, () -> {}))
        .hasMessageContaining("it came again with other rows than this sink has of it");
    assertThat(DATABASE.read("select count(*) from two")).containsExactly("0");
  }
}
