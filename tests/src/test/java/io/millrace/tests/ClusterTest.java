package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LocalBroker;
import io.millrace.engine.testing.LocalPostgres;
import io.millrace.engine.testing.Topics;
import io.millrace.tests.Script.Started;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Jobs on a standalone cluster of real processes, some of which are killed in the middle. */
class ClusterTest {
  private static final int ROWS = 4_000;
  private static final int BATCH = 500;
  private static final long BUDGET = 3;
  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final String JOB =
      """
      job: ${ID}
      include: sources.yaml
      checkpoint: ${HOME}/checkpoints
      dead-letters: drop
      steps:
        - {name: named, from: lines, lookup: {table: names, on: [n], missing: drop}}
      sinks:
        - name: numbers
          from: named
          trigger: available-now
          jdbc: {url: "${DB}", user: postgres, table: numbers, budget: 3}
        - name: copies
          from: named
          trigger: available-now
          kafka: {servers: "${KAFKA}", topic: "${ID}-out", key: n}
          delivery: exactly-once
      """;
  private static final String SOURCES =
      """
      sources:
        - name: names
          files: {path: "${HOME_OF_JOB}/names", format: csv, schema: "n int, name string"}
          static: true
        - name: lines
          kafka: {servers: "${KAFKA}", topics: ["${ID}"], max-per-batch: 500}
          decode: {json: {schema-file: fields.ddl}}
      """;

  private static final Path FOLDER = Folders.temporary("submit");
  private static SparkHome spark;
  private static StandaloneCluster cluster;

  private final Set<String> holders = new TreeSet<>();
  private long mostAtOnce;

  private final String id = "cluster" + UUID.randomUUID().toString().substring(0, 8);
  private final Path home = Folders.temporary("job");
  private final LocalPostgres database = LocalPostgres.shared().createDatabase(id);
  private final Map<String, String> variables =
      Map.of(
          "HOME_OF_JOB",
          home.toString(),
          "ID",
          id,
          "KAFKA",
          LocalBroker.shared().servers(),
          "DB",
          database.url(),
          Script.OPTIONS,
          StandaloneCluster.QUICK);

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    spark = SparkHome.make(FOLDER.resolve("spark"));
    cluster = StandaloneCluster.start(spark, 2);
  }

  @AfterAll
  static void stop() throws InterruptedException {
    cluster.close();
  }

  @Test
  void losesAndDoublesNothingWhenAnExecutorAndAWorkerDie() throws Exception {
    write();
    Started job = millrace("--deploy-mode", "client");
    await(job, () -> batches() >= 2);
    assertThat(cluster.executors()).hasSizeGreaterThan(1);
    cluster.executors().get(0).destroyForcibly();
    long then = batches();
    await(job, () -> batches() >= then + 2);
    cluster.killWorker(0);
    cluster.addWorker();

    Script.Ended ended = job.end();

    assertThat(ended.exit()).as(ended.err()).isZero();
    assertThat(ended.out()).contains("spark-submit --master spark://");
    everyRowOnce();
    assertThat(holders).as("executors that held connections").hasSizeGreaterThan(1);
    assertThat(mostAtOnce)
        .as("connections of all executors, which would be 4 for their 4 tasks without the budget")
        .isBetween(2L, BUDGET);
  }

  @Test
  void goesOnWhenASupervisedDriverDies() throws Exception {
    write();
    Path libraries = Files.createDirectories(home.resolve("libraries"));
    for (Path jar : spark.missing()) {
      Files.createSymbolicLink(libraries.resolve(jar.getFileName()), jar);
    }
    Script.Ended submitted =
        millrace(
                "--deploy-mode",
                "cluster",
                "--supervise",
                "--libraries",
                libraries.toString(),
                "--env",
                "HOME_OF_JOB,ID,KAFKA,DB",
                "--driver-memory",
                "700m")
            .end();
    assertThat(submitted.exit()).as(submitted.err()).isZero();
    await(() -> batches() >= 2);
    List<ProcessHandle> drivers = cluster.drivers();
    assertThat(drivers).hasSize(1);
    drivers.get(0).destroyForcibly();

    await(() -> rows() >= ROWS && cluster.drivers().isEmpty());
    everyRowOnce();
  }

  private void write() throws IOException {
    Files.writeString(home.resolve("job.yaml"), JOB.replace("${HOME}", "${HOME_OF_JOB}"));
    Files.writeString(home.resolve("sources.yaml"), SOURCES);
    Files.writeString(home.resolve("fields.ddl"), "n int, pad string");
    Files.write(
        Files.createDirectories(home.resolve("names")).resolve("names.csv"),
        IntStream.range(0, ROWS).mapToObj(n -> n + ",name" + n).toList());
    LocalBroker.shared().createTopic(id, 2);
    LocalBroker.shared().createTopic(id + "-out", 1);
    Topics.write(
        LocalBroker.shared().servers(),
        id,
        IntStream.range(0, ROWS)
            .mapToObj(n -> "{\"n\": %d, \"pad\": \"%s\"}".formatted(n, "p".repeat(300)))
            .toArray(String[]::new));
  }

  private Started millrace(String... more) throws IOException {
    List<String> words =
        Stream.concat(
                Stream.of(
                    "submit",
                    home.resolve("job.yaml").toString(),
                    "--master",
                    cluster.address(),
                    "--executor-memory",
                    "600m"),
                Stream.of(more))
            .toList();
    return Script.in(home).with(variables).start(words.toArray(String[]::new));
  }

  private void await(Started job, BooleanSupplier state) throws Exception {
    await(
        () -> {
          assertThat(job.process().isAlive()).as(() -> read(job.err())).isTrue();
          return state.getAsBoolean();
        });
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private void await(BooleanSupplier state) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!state.getAsBoolean()) {
      countConnections();
      assertThat(System.nanoTime()).as(cluster::said).isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private void countConnections() {
    try (Connection connection = database.connection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                select application_name, count(*) from pg_stat_activity
                where datname = current_database() and application_name like 'millrace executor %'
                group by application_name
                """)) {
      long all = 0;
      while (row.next()) {
        holders.add(row.getString(1));
        all += row.getLong(2);
      }
      mostAtOnce = Math.max(mostAtOnce, all);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Batches that the sink has. */
  private long batches() {
    return number("select coalesce(max(last_batch), -1) + 1 from millrace_ledger");
  }

  private long rows() {
    return number("select count(*) from numbers");
  }

  private long number(String query) {
    try (Connection connection = database.connection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    } catch (SQLException e) {
      if ("42P01".equals(e.getSQLState())) {
        return 0;
      }
      throw new IllegalStateException(e);
    }
  }

  private void everyRowOnce() {
    assertThat(rows()).isEqualTo(ROWS);
    assertThat(number("select count(distinct n) from numbers")).isEqualTo(ROWS);
    assertThat(number("select sum(n) from numbers")).isEqualTo((long) ROWS * (ROWS - 1) / 2);
    assertThat(number("select count(*) from numbers where name = 'name' || n")).isEqualTo(ROWS);
    assertThat(batches()).isGreaterThanOrEqualTo(ROWS / BATCH);
    Topics.awaitDecided(LocalBroker.shared().servers(), id + "-out");
    assertThat(Topics.values(LocalBroker.shared().servers(), id + "-out"))
        .as("records that a reader of committed ones sees")
        .hasSize(ROWS)
        .doesNotHaveDuplicates();
    assertThat(
            number(
                "select count(*) from pg_class where relname like 'millrace_stage_%' and relkind ="
                    + " 'r'"))
        .as("rows of other processes came by a table beside the ledger")
        .isOne();
  }
}
