package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.testing.Folders;
import io.millrace.sinks.memory.MemorySink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** What a join keeps between two starts, in the forms and the stores that Spark has for it. */
class JoinStateTest {
  private static final String FORM = "spark.sql.streaming.join.stateFormatVersion: '2'";
  private static final String HEAP =
      "spark.sql.streaming.stateStore.providerClass:"
          + " org.apache.spark.sql.execution.streaming.state.HDFSBackedStateStoreProvider";
  private static final List<String> FOUR =
      List.of(
          "left-keyToNumValues",
          "left-keyWithIndexToValue",
          "right-keyToNumValues",
          "right-keyWithIndexToValue");
  private static final String JOB =
      """
      job: join_state
      checkpoint: ${HOME}/checkpoint
      spark: {SETTING}
      sources:
        - name: lefts
          files: {path: "${HOME}/lefts", format: json, schema: "id string, k string, t timestamp"}
          watermark: {time: t, delay: 10s}
        - name: rights
          files: {path: "${HOME}/rights", format: json, schema: "other string, k string, u timestamp"}
          watermark: {time: u, delay: 10s}
      steps:
        - {name: pairs, join: {left: lefts, right: rights, on: [k], after: 1m}}
      dead-letters: drop
      sinks:
        - {name: out, from: pairs, memory: "${HOME}", trigger: available-now}
      """;

  private final Path home = Folders.temporary("join-state");

  private void write(String source, String row) throws IOException {
    Files.writeString(Files.createDirectories(home.resolve(source)).resolve("rows.json"), row);
  }

  private List<String> run(String setting) {
    Jobs.run(Jobs.plan(JOB.replace("SETTING", setting), Map.of("HOME", home.toString())));
    return MemorySink.rows(home.toString()).stream()
        .map((Row row) -> row.getAs("id") + " " + row.getAs("other"))
        .toList();
  }

  /** A left row in one start, its partner in the next. */
  private List<String> inTwoStarts(String first, String second) throws IOException {
    write("lefts", "{\"id\": \"l\", \"k\": \"a\", \"t\": \"2026-01-01T00:00:00Z\"}");
    write("rights", "{\"other\": \"b\", \"k\": \"b\", \"u\": \"2026-01-01T00:00:00Z\"}");
    assertThat(run(first)).isEmpty();
    Files.writeString(
        home.resolve("rights/more.json"),
        "{\"other\": \"r\", \"k\": \"a\", \"u\": \"2026-01-01T00:00:30Z\"}");
    return run(second);
  }

  /** The stores of the first partition. */
  private List<String> stores() throws IOException {
    Path partition = home.resolve("checkpoint/pairs/state/0/0");
    try (Stream<Path> inside = Files.list(partition)) {
      return inside
          .filter(Files::isDirectory)
          .map(folder -> folder.getFileName().toString())
          .filter(name -> FOUR.contains(name))
          .sorted()
          .toList();
    }
  }

  @Test
  void isInOneStore() throws IOException {
    assertThat(inTwoStarts("", "")).containsExactly("l r");
    assertThat(stores()).isEmpty();
  }

  @Test
  void staysInFourStoresWhereItBeganInThem() throws IOException {
    assertThat(inTwoStarts(FORM, "")).containsExactly("l r");
    assertThat(stores()).isEqualTo(FOUR);
  }

  @Test
  void isInFourStoresOnTheHeap() throws IOException {
    assertThat(inTwoStarts(HEAP, HEAP)).containsExactly("l r");
    assertThat(stores()).isEqualTo(FOUR);
  }
}
