package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LineFolder;
import io.millrace.engine.testing.Sessions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Jobs whose rows are merged into a Delta table. */
class DeltaMergeJobTest {
  private static final String JOB =
      """
      job: merge_${ID}
      checkpoint: ${HOME}/checkpoints
      sources:
        - {name: changes, files: {path: "${HOME}/in", format: json, schema: "id int, at int, v string, op string"}}
      dead-letters: drop
      sinks:
        - name: now
          delta: {path: "${HOME}/now", keys: [id], order-by: [at], delete-when: op = 'd'}
          write: merge
          trigger: available-now
        - name: versions
          delta: {path: "${HOME}/versions", keys: [id], order-by: [at], delete-when: op = 'd', history: {}}
          write: merge
          trigger: available-now
        - name: newest
          delta: {path: "${HOME}/newest", keys: [id], order-by: [at]}
          write: upsert
          trigger: available-now
      """;

  private final String id = "m" + UUID.randomUUID().toString().substring(0, 8);
  private final Path home = Folders.temporary("merge");
  private final Map<String, String> variables = Map.of("HOME", home.toString(), "ID", id);

  @Test
  void aBatchThatComesAgainChangesNothing() throws IOException {
    Plan plan = Jobs.plan(JOB, variables);
    assertThat(plan.outputs())
        .extracting(Plan.Output::guarantee)
        .containsOnly(Guarantee.EXACTLY_ONCE);
    Files.createDirectories(home.resolve("in"));
    LineFolder lines = new LineFolder(home.resolve("in").toString());
    lines.add(change(1, 1, "a", "u"), change(2, 1, "b", "u"));
    Jobs.run(plan);
    lines.add(change(1, 3, "c", "u"), change(2, 3, "b", "d"));
    Jobs.run(plan);
    List<Long> versions = List.of(version("now"), version("newest"), version("versions"));
    Jobs.forget(home.resolve("checkpoints"), "changes", 1);

    Jobs.run(plan);

    assertThat(List.of(version("now"), version("newest"), version("versions"))).isEqualTo(versions);
    assertThat(rows("now")).containsExactly("[1,3,c]");
    lines.add(change(1, 2, "late", "u"), change(2, 2, "late", "u"), change(3, 1, "d", "u"));
    Jobs.run(plan);
    assertThat(rows("now")).containsExactlyInAnyOrder("[1,3,c]", "[3,1,d]");
    assertThat(rows("newest")).containsExactlyInAnyOrder("[1,3,c]", "[2,3,b]", "[3,1,d]");
    assertThat(rows("versions"))
        .containsExactlyInAnyOrder(
            "[1,1,a]", "[1,2,late]", "[1,3,c]", "[2,1,b]", "[2,2,late]", "[3,1,d]");
  }

  @Test
  void isRefusedBeforeItsFirstBatchWhereTheTableDoesNotTakeTheRows() throws IOException {
    Sessions.spark()
        .sql("create table delta.`" + home.resolve("now") + "` (id int, at int) using delta");
    Files.createDirectories(home.resolve("in"));
    Plan plan = Jobs.plan(JOB, variables);

    assertThatThrownBy(() -> Jobs.run(plan))
        .hasStackTraceContaining("Cannot write column v: the Delta table")
        .hasStackTraceContaining("has no such column, it has id, at.");
    assertThat(home.resolve("checkpoints/changes/offsets")).doesNotExist();
  }

  @Test
  void isRefusedWhereAReplayWouldGiveOtherRows() {
    String job =
        JOB.replace(
            "dead-letters: drop",
            """
            steps:
              - {name: drawn, sql: "select id, at, uuid() as v, op from changes"}
            dead-letters: drop""");

    assertThat(Jobs.lint(job, variables))
        .hasSize(3)
        .anyMatch(
            said -> said.contains("Cannot merge column 'v' of 'drawn' into 'now': uuid gives"))
        .anyMatch(said -> said.contains("Cannot upsert column 'v' of 'drawn' into 'newest'"));
  }

  private static String change(int id, int at, String value, String op) {
    return "{\"id\": %d, \"at\": %d, \"v\": \"%s\", \"op\": \"%s\"}".formatted(id, at, value, op);
  }

  private List<String> rows(String table) {
    return Jobs.texts(
        Sessions.spark()
            .read()
            .format("delta")
            .load(home.resolve(table).toString())
            .select("id", "at", "v"));
  }

  private long version(String table) {
    return Sessions.spark()
        .sql("describe history delta.`" + home.resolve(table) + "` limit 1")
        .head()
        .getLong(0);
  }
}
