package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.plan.Analyzer;
import io.millrace.engine.run.Launcher;
import io.millrace.engine.source.MemoryRows;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.Sessions;
import io.millrace.sinks.memory.MemorySink;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The same file as a stream that has seen everything, and once over a table. */
class BatchAndStreamTest {
  private static final String JOB =
      """
      job: clicks
      checkpoint: ${HOME}/checkpoints
      sources:
        - name: clicks
          memory: {name: "${ID}", schema: "id string, user string, at timestamp"}
          watermark: {time: at, delay: 10s}
      steps:
        - name: result
          STEP
      sinks:
        - {name: out, memory: "${OUT}", trigger: available-now}
      """;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          window: {time: at, every: 1m, by: [user], aggregate: {clicks: count(1)}}              | 3 | 1
          window: {time: at, every: 1m, size: 2m, by: [user], aggregate: {clicks: count(1)}}    | 4 | 3
          window: {time: at, session: 30s, by: [user], aggregate: {clicks: count(1)}}           | 3 | 1
          dedupe: {keys: [id], within: 1m}                                                      | 5 | 0
          """)
  void giveTheSameFinalTable(String step, int closed, int open) {
    String id = UUID.randomUUID().toString();
    Map<String, String> variables =
        Map.of("HOME", Folders.temporary("same").toString(), "ID", id, "OUT", id + "-stream");
    String job = JOB.replace("STEP", step.strip());
    MemoryRows rows = MemoryRows.named(id);
    rows.add(click("a", "ada", 5), click("b", "ada", 20), click("c", "bob", 30));
    rows.add(click("b", "ada", 25), click("d", "ada", 70), click("e", "bob", 130));
    List<String> leftOpen = once(job, variables, id + "-open", Launcher.Ends.OPEN);
    List<String> all = once(job, variables, id + "-closed", Launcher.Ends.CLOSED);

    Jobs.run(Jobs.plan(job, variables));
    List<String> unfinished = texts(id + "-stream");
    // An event far ahead closes what is open.
    rows.add(click("z", "end", 100_000));
    Jobs.run(Jobs.plan(job, variables));

    assertThat(unfinished).isEqualTo(leftOpen);
    assertThat(texts(id + "-stream").stream().filter(row -> !row.contains("end")).toList())
        .isEqualTo(all);
    assertThat(all.size() - leftOpen.size()).isEqualTo(open);
    assertThat(leftOpen).hasSize(closed);
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

  private static Row click(String id, String user, long second) {
    return RowFactory.create(
        id, user, Timestamp.from(Instant.parse("2026-01-01T00:00:00Z").plusSeconds(second)));
  }
}
