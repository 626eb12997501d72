package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Output modes that a path or a sink does not allow, and why. */
class OutputModesTest {
  private static final String JOB =
      """
      job: clicks
      checkpoint: /checkpoints
      sources:
        - name: clicks
          memory: {name: clicks, schema: "id string, user string, at timestamp"}
          watermark: {time: at, delay: 10s}
      steps:
        - name: result
          STEP
      sinks:
        - name: out
          SINK
          mode: MODE
      """;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          sql: select count(1) as clicks from clicks                             | console: {} | append   | What works: update, complete.
          sql: select user, count(1) as clicks from clicks group by user        | console: {} | append   | Needs an end for its groups: it keeps every group for ever.
          window: {time: at, session: 30s, by: [user], aggregate: {n: count(1)}} | console: {} | update   | a session is known only when it is over. What works: append, complete.
          sql: select id from clicks                                            | console: {} | complete | What works: append, update.
          window: {time: at, every: 1m, aggregate: {n: count(1)}}               | files: {path: /out, format: json} | update | Cannot write mode update to files: a file does not change.
          window: {time: at, every: 1m, aggregate: {n: count(1)}}               | delta: {path: /out} | update | Cannot append in output mode update
          window: {time: at, every: 1m, aggregate: {n: count(1)}}               | kafka: {servers: a, topic: b} | complete | a topic cannot be replaced
          window: {time: at, every: 1m, aggregate: {n: count(1)}}               | jdbc: {url: "jdbc:postgresql://localhost/db", table: t} | update | Use write: upsert with keys
          """)
  void areRefusedWithAReason(String step, String sink, String mode, String reason) {
    String job = JOB.replace("STEP", step).replace("SINK", sink).replace("MODE", mode);

    assertThat(Jobs.lint(job, Map.of())).singleElement().asString().contains(reason);
  }

  @ParameterizedTest
  @CsvSource({"append", "update", "complete"})
  void areAllTakenForWindows(String mode) {
    String job =
        JOB.replace("STEP", "window: {time: at, every: 1m, aggregate: {n: count(1)}}")
            .replace("SINK", "console: {}")
            .replace("MODE", mode);

    assertThat(Jobs.lint(job, Map.of())).isEmpty();
  }
}
