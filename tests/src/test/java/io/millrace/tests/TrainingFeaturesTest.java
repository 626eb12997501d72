package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.plan.TrainingPlan;
import io.millrace.engine.run.Training;
import io.millrace.engine.source.MemoryRows;
import io.millrace.engine.spi.Trainer;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.Sessions;
import io.millrace.sinks.memory.MemorySink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;

/**
 * What a model learns from is what it is given later: the features of a training over the Delta
 * history that a job wrote are those of the same steps over the stream of the same events.
 */
class TrainingFeaturesTest {
  private static final int EVENTS = 400;
  private static final String COLUMNS =
      "id bigint, user string, amount double, at timestamp, is_fraud boolean";
  private static final String PER_ROW =
      """
      steps:
        - name: priced
          lookup: {table: limits, on: [user], columns: [most], as-of: {time: at, valid-from: since}}
        - name: features
          sql: >-
            select id, user, hour(at) as hour, amount, amount / most as share,
            ln(1 + abs(amount)) as size, xxhash64(user, amount) % 100 as bucket, is_fraud from priced
      """;
  private static final String PER_WINDOW =
      """
      steps:
        - name: spent
          window:
            time: at
            every: 10m
            by: [user]
            aggregate: {events: count(1), total: sum(amount), most: max(amount), frauds: count_if(is_fraud)}
        - name: features
          sql: select user, window_start, events, total / events as mean, most, frauds > 0 as is_fraud from spent
      """;

  private final Path home = Folders.temporary("features");
  private final String id = "t" + UUID.randomUUID().toString().replace("-", "");
  private final Map<String, String> variables =
      new HashMap<>(Map.of("HOME", home.toString(), "ID", id));

  @Test
  void areEqualRowByRowWithAValueAsOfTheTimeOfEach() throws IOException {
    limits();
    write(events());

    List<Row> streamed = streamed(PER_ROW, tables());
    List<Row> learned = learned(PER_ROW, tables());

    assertThat(streamed).hasSize(EVENTS);
    assertThat(learned).containsExactlyInAnyOrderElementsOf(streamed);
    assertThat(streamed.stream().map(row -> row.<Double>getAs("share")).filter(x -> x == null))
        .as("events before the first limit of their user")
        .isNotEmpty()
        .hasSizeLessThan(EVENTS / 2);
  }

  /** The last event closes all windows but its own, which the stream does not give yet. */
  @Test
  void areEqualWindowByWindow() {
    List<Row> events = events();
    events.add(event(EVENTS, "u0", 1.0, 100_000));
    write(events);

    List<Row> streamed = streamed(PER_WINDOW, "");
    List<Row> learned = learned(PER_WINDOW, "");

    assertThat(streamed).hasSizeGreaterThan(30);
    assertThat(learned).hasSize(streamed.size() + 1).containsAll(streamed);
  }

  @Test
  void readsTheVersionThatItTellsWhateverIsWrittenMeanwhile() {
    write(events());
    history();
    Seen seen = new Seen();
    new Training(Sessions.spark()).run(plan(PER_WINDOW, "", seen));
    String first = seen.data.get(0).orElseThrow();

    write(List.of(event(EVENTS, "u0", 1.0, 10)));
    history();
    new Training(Sessions.spark()).run(plan(PER_WINDOW, "", seen));

    assertThat(first).matches("\\d+ of [0-9a-f-]+");
    assertThat(seen.data.get(1).orElseThrow())
        .isNotEqualTo(first)
        .endsWith(first.substring(first.indexOf(" of ")));
    variables.put("AT", ", version: " + first.substring(0, first.indexOf(" of ")));
    new Training(Sessions.spark()).run(plan(PER_WINDOW, "", seen));
    assertThat(seen.data.get(2)).contains(first);
    assertThat(seen.rows.get(2)).containsExactlyInAnyOrderElementsOf(seen.rows.get(0));
    assertThat(seen.rows.get(1)).isNotEqualTo(seen.rows.get(0));
  }

  /** Not in order, but never as late as the watermark allows. */
  private static List<Row> events() {
    List<Row> events = new ArrayList<>();
    for (int i = 0; i < EVENTS; i++) {
      long second = i * 20L + (i * 7919L % 5) * 11;
      events.add(event(i, "u" + i * 31 % 7, i * 37 % 101 / 4.0 - 3, second));
    }
    return events;
  }

  private static Row event(long number, String user, double amount, long second) {
    Timestamp at = Timestamp.from(Instant.parse("2026-01-01T00:00:00Z").plusSeconds(second));
    return RowFactory.create(number, user, amount, at, number % 9 == 0);
  }

  private void write(List<Row> events) {
    MemoryRows.named(id).add(events.toArray(Row[]::new));
  }

  private void limits() throws IOException {
    List<String> lines = new ArrayList<>(List.of("user,most,since"));
    for (int user = 0; user < 7; user++) {
      lines.add("u" + user + "," + (user + 5) + ",2026-01-01T00:20:00Z");
      lines.add("u" + user + "," + (user + 50) + ",2026-01-01T01:00:00Z");
    }
    Path folder = Files.createDirectories(home.resolve("limits"));
    Files.write(folder.resolve("limits.csv"), lines);
  }

  private static String tables() {
    return "  - {name: limits, files: {path: \"${HOME}/limits\", format: csv, header: true,"
        + " schema: \"user string, most double, since timestamp\"}STATIC}\n";
  }

  /** What a job gives of the events. */
  private List<Row> streamed(String steps, String tables) {
    String job =
        """
        job: features
        checkpoint: ${HOME}/checkpoints
        sources:
          - name: events
            memory: {name: "${ID}", schema: "%s"}
            watermark: {time: at, delay: 1m}
        %s%s
        dead-letters: drop
        sinks:
          - {name: out, memory: "${ID}", trigger: available-now}
        """
            .formatted(
                COLUMNS,
                tables.replace("STATIC", ", static: true"),
                steps.replaceFirst("(lookup|window):", "from: events\n    $1:"));
    Jobs.run(Jobs.plan(job, variables));
    return MemorySink.rows(id);
  }

  /** What a training gets of the history that a job writes of the same events. */
  private List<Row> learned(String steps, String tables) {
    history();
    Seen seen = new Seen();
    new Training(Sessions.spark()).run(plan(steps, tables, seen));
    return seen.rows.get(0);
  }

  private void history() {
    String job =
        """
        job: history
        checkpoint: ${HOME}/history
        sources:
          - name: events
            memory: {name: "${ID}", schema: "%s"}
        dead-letters: drop
        sinks:
          - {name: out, from: events, delta: {path: "${HOME}/lake"}, trigger: available-now}
        """
            .formatted(COLUMNS);
    Jobs.run(Jobs.plan(job, variables));
  }

  private TrainingPlan plan(String steps, String tables, Trainer trainer) {
    String file =
        """
        model: fraud
        from:
          delta: {path: "${HOME}/lake"%s}
          watermark: {time: at, delay: 1m}
        %s%s
        features: [is_fraud]
        label: x
        pipeline: [{decision-tree: {depth: 2}}]
        store: ${HOME}/models
        """
            .formatted(
                variables.getOrDefault("AT", ""),
                tables.isEmpty() ? "" : "tables:\n" + tables.replace("STATIC", ""),
                steps);
    TrainingPlan plan = Jobs.training(file, variables);
    return new TrainingPlan(
        plan.model(), plan.spark(), plan.inputs(), plan.stages(), plan.last(), trainer);
  }

  /** Keeps what trainers are given, and trains nothing. */
  private static final class Seen implements Trainer {
    private static final long serialVersionUID = 1;

    private final transient List<List<Row>> rows = new ArrayList<>();
    private final transient List<Optional<String>> data = new ArrayList<>();

    @Override
    public Trained train(Assignment assignment) {
      rows.add(assignment.rows().collectAsList());
      data.add(assignment.data());
      return new Trained("none", "nowhere", Map.of(), Optional.empty());
    }
  }
}
