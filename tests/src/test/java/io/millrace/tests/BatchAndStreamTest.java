package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.plan.Analyzer;
import io.millrace.engine.run.Launcher;
import io.millrace.engine.source.MemoryRows;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LocalBroker;
import io.millrace.engine.testing.Sessions;
import io.millrace.engine.testing.Topics;
import io.millrace.sinks.memory.MemorySink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The same file as a stream that has seen everything, and once over what its source holds. */
class BatchAndStreamTest {
  private static final String JOB =
      """
      job: clicks
      checkpoint: ${HOME}/checkpoints
      dead-letters: drop
      sources:
        - name: clicks
          SOURCE
          watermark: {time: at, delay: 10s}
      steps:
        - name: result
          STEP
      sinks:
        - {name: out, memory: "${OUT}", trigger: available-now}
      """;
  private static final String COLUMNS = "id string, user string, at timestamp";

  /** A row of the source. */
  private record Click(String id, String user, long second) {
    Instant at() {
      return Instant.parse("2026-01-01T00:00:00Z").plusSeconds(second);
    }

    String json() {
      return "{\"id\": \"%s\", \"user\": \"%s\", \"at\": \"%s\"}".formatted(id, user, at());
    }
  }

  /** Where clicks are added, and how a job reads them from there. */
  private enum Origin {
    MEMORY("memory: {name: \"${ID}\", schema: \"" + COLUMNS + "\"}") {
      @Override
      void add(Path home, String id, List<Click> clicks) {
        MemoryRows.named(id)
            .add(
                clicks.stream()
                    .map(c -> RowFactory.create(c.id(), c.user(), Timestamp.from(c.at())))
                    .toArray(Row[]::new));
      }
    },
    FILES("files: {path: \"${HOME}/in\", format: json, schema: \"" + COLUMNS + "\"}") {
      @Override
      void add(Path home, String id, List<Click> clicks) {
        try {
          Path in = Files.createDirectories(home.resolve("in"));
          Files.write(
              in.resolve(UUID.randomUUID() + ".json"), clicks.stream().map(Click::json).toList());
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    },
    KAFKA(
        "kafka: {servers: \"${KAFKA}\", topics: [\"${ID}\"]}\n    decode: {json: \""
            + COLUMNS
            + "\"}") {
      @Override
      void add(Path home, String id, List<Click> clicks) {
        String[] values = clicks.stream().map(Click::json).toArray(String[]::new);
        Topics.write(LocalBroker.shared().servers(), id, values);
      }
    };

    private final String source;

    Origin(String source) {
      this.source = source;
    }

    /** Makes clicks known, in one batch of a stream. */
    abstract void add(Path home, String id, List<Click> clicks);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          FILES  | window: {time: at, every: 1m, by: [user], aggregate: {clicks: count(1)}}           | 4 | 1
          KAFKA  | window: {time: at, every: 1m, by: [user], aggregate: {clicks: count(1)}}           | 4 | 1
          MEMORY | window: {time: at, every: 1m, size: 2m, by: [user], aggregate: {clicks: count(1)}} | 6 | 3
          KAFKA  | window: {time: at, session: 30s, by: [user], aggregate: {clicks: count(1)}}        | 4 | 1
          FILES  | dedupe: {keys: [id], within: 1m}                                                   | 6 | 0
          """)
  void giveTheSameFinalTable(Origin origin, String step, int closed, int open) {
    Path home = Folders.temporary("same");
    String id = "t" + UUID.randomUUID();
    Map<String, String> variables = new HashMap<>();
    variables.put("HOME", home.toString());
    variables.put("ID", id);
    variables.put("OUT", id + "-stream");
    if (origin == Origin.KAFKA) {
      LocalBroker.shared().createTopic(id, 2);
      variables.put("KAFKA", LocalBroker.shared().servers());
    }
    String job = JOB.replace("SOURCE", origin.source).replace("STEP", step);

    stream(
        batch -> origin.add(home, id, batch),
        job,
        variables,
        List.of(click("a", "ada", 5), click("b", "ada", 20), click("c", "bob", 30)),
        List.of(click("b", "ada", 25), click("d", "ada", 70), click("e", "bob", 130)),
        // Far enough behind the first b, and behind its end, to be a click of its own.
        List.of(click("b", "ada", 200)));
    List<String> unfinished = texts(id + "-stream");
    List<String> leftOpen = once(job, variables, id + "-open", Launcher.Ends.OPEN);
    List<String> all = once(job, variables, id + "-closed", Launcher.Ends.CLOSED);
    // An event far ahead closes what is open.
    stream(
        batch -> origin.add(home, id, batch), job, variables, List.of(click("z", "end", 100_000)));

    assertThat(unfinished).isEqualTo(leftOpen);
    assertThat(texts(id + "-stream").stream().filter(row -> !row.contains("end")).toList())
        .isEqualTo(all);
    assertThat(all.size() - leftOpen.size()).isEqualTo(open);
    assertThat(leftOpen).hasSize(closed);
  }

  /** Each list is a batch of its own: the watermark moves between them. */
  @SafeVarargs
  private static void stream(
      Consumer<List<Click>> add,
      String job,
      Map<String, String> variables,
      List<Click>... batches) {
    for (List<Click> batch : batches) {
      add.accept(batch);
      Jobs.run(Jobs.plan(job, variables));
    }
  }

  private static List<String> once(
      String job, Map<String, String> variables, String out, Launcher.Ends ends) {
    Map<String, String> other = new HashMap<>(variables);
    other.put("OUT", out);
    new Launcher(Sessions.spark()).runOnce(Jobs.plan(job, other, Analyzer.Run.BATCH), ends);
    return texts(out);
  }

  private static List<String> texts(String table) {
    return MemorySink.rows(table).stream().map(Row::toString).sorted().toList();
  }

  private static Click click(String id, String user, long second) {
    return new Click(id, user, second);
  }
}
