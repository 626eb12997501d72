package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LineFolder;
import io.millrace.engine.testing.LocalPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Jobs that look up rows in a database on their way. */
class LookupJobTest {
  private static final LocalPostgres DATABASE =
      LocalPostgres.shared().createDatabase("lookups" + System.nanoTime());

  private static final String JOB =
      """
      job: lookups
      checkpoint: ${HOME}/checkpoints
      sources:
        - name: orders
          files: {path: "${HOME}/in", format: json, schema: "id string, customer string, at timestamp"}
          watermark: {time: at, delay: 1m}
      steps:
        - name: placed
          lookup-jdbc: {url: "${DB}", user: "${DB_USER}", table: customers, on: [customer], columns: country string, missing: dead-letter}
        - name: minutes
          window: {time: at, every: 1m, by: [country], aggregate: {n: count(1)}}
      dead-letters:
        jdbc: {url: "${DB}", user: "${DB_USER}", table: letters}
        trigger: available-now
      sinks:
      """;
  private static final String SINK =
      """
        - {name: %s, from: %s, jdbc: {url: "${DB}", user: "${DB_USER}", table: %s}, trigger: available-now}
      """;

  private final Path home = Folders.temporary("lookups");
  private final Map<String, String> variables =
      Map.of("HOME", home.toString(), "DB", DATABASE.url(), "DB_USER", DATABASE.user());

  @BeforeEach
  void setUp() throws IOException {
    DATABASE.execute(
        "drop table if exists customers, letters, minutes, placed, millrace_ledger, millrace_history",
        "create table customers (customer text, country text)",
        "insert into customers values ('ada', 'uk')");
    new LineFolder(Files.createDirectories(home.resolve("in")).toString())
        .add(
            "{\"id\": \"o1\", \"customer\": \"ada\", \"at\": \"2026-01-01T10:00:10Z\"}",
            "{\"id\": \"o2\", \"customer\": \"zoe\", \"at\": \"2026-01-01T10:00:20Z\"}",
            "broken",
            "{\"id\": \"o3\", \"customer\": \"ada\", \"at\": \"2026-01-01T10:00:30Z\"}",
            "{\"id\": \"o4\", \"customer\": \"ada\", \"at\": \"2026-01-01T10:05:00Z\"}");
  }

  private static String sink(String from) {
    return SINK.formatted(from, from, from);
  }

  @Test
  void aWindowBehindALookupClosesAndStrangersAreLetters() {
    Jobs.run(Jobs.plan(JOB + sink("minutes"), variables));

    assertThat(DATABASE.read("select country, n from minutes")).containsExactly("uk|2");
    assertThat(DATABASE.read("select step, rule, reason from letters order by 1"))
        .hasSize(2)
        .anyMatch(letter -> letter.startsWith("orders|decode|"))
        .contains("placed|missing|Cannot find customer zoe in customers");
  }

  @Test
  void lettersAreNotWorkedOutApartFromTheSink() {
    assertThatThrownBy(() -> Jobs.run(Jobs.plan(JOB + sink("placed") + sink("orders"), variables)))
        .hasMessageContaining(
            "Cannot run step 'placed' for its dead letters and once more for a sink: it may find"
                + " other rows each time. Let all sinks of this query read behind it");
  }
}
