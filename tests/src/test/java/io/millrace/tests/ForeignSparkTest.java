package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.tests.Script.Ended;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job through a Spark that was there before, with the jars that its distribution brings. */
class ForeignSparkTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  private Path folder;

  @Test
  void deliversThroughASparkWithOlderLibraries() throws Exception {
    Path spark = SparkHome.make(folder.resolve("spark")).folder();
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
