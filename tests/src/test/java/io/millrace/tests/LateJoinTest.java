package io.millrace.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.run.Account;
import io.millrace.engine.run.Audit;
import io.millrace.engine.run.DeadLetters;
import io.millrace.engine.run.DeadLetters.Filter;
import io.millrace.engine.run.DeadLetters.Letter;
import io.millrace.engine.run.Launcher;
import io.millrace.engine.run.RunningJob;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.Sessions;
import io.millrace.sinks.memory.MemorySink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Rows of two streams that come behind the watermark of their join, on each side. */
class LateJoinTest {
  private static final String JOB =
      """
      job: late_join
      checkpoint: ${HOME}/LATE
      spark: {spark.sql.shuffle.partitions: "1"}
      sources:
        - name: lefts
          files: {path: "${HOME}/lefts", format: text, max-files-per-batch: 1}
          decode: {json: "id string not null, k string, t timestamp"}
          watermark: {time: t, delay: 10s, late: LATE}
        - name: rights
          files: {path: "${HOME}/rights", format: text, max-files-per-batch: 1}
          decode: {json: "other string, k string, u timestamp"}
          watermark: {time: u, delay: 10s, late: LATE}
      steps:
        - {name: pairs, join: {left: lefts, right: rights, on: [k], after: 1m, type: left}}
      dead-letters: {files: {path: "${HOME}/dead-LATE", format: json}}
      sinks:
        - {name: out, from: pairs, memory: "${HOME}/LATE", trigger: available-now}
      """;

  /** In the last batch rows are late that are not behind 00:04:50, which may be in any zone. */
  private static final List<List<String>> LEFT =
      List.of(
          List.of(left("l0", "a", "2026-01-01T00:00:10Z")),
          List.of(left("l1", "a", "2026-01-01T00:05:00Z")),
          List.of(left("l2", "z", "2026-01-01T00:05:01Z")),
          List.of(
              left("at the watermark", "a", "2026-01-01T00:04:50Z"),
              left("just behind it", "a", "2026-01-01T00:04:50.001Z"),
              left("before 1970", "a", "1969-12-31T23:59:59Z"),
              left("no key", null, "2026-01-01T00:05:30Z"),
              left("no time", "a", null),
              "broken"));

  private static final List<List<String>> RIGHT =
      List.of(
          List.of(right("r0", "b", "2026-01-01T00:00:20Z")),
          List.of(right("r1", "a", "2026-01-01T00:05:00Z")),
          List.of(right("r2", "z", "2026-01-01T00:05:01Z")),
          List.of(
              right("long ago", "a", "2026-01-01T00:00:10Z"),
              right("on time", "a", "2026-01-01T00:05:30Z")));

  private final Path home = Folders.temporary("late-join");

  private static String left(String id, @Nullable String key, @Nullable String time) {
    return "{\"id\": \"%s\", \"k\": %s, \"t\": %s}".formatted(id, json(key), json(time));
  }

  private static String right(String other, String key, String time) {
    return "{\"other\": \"%s\", \"k\": %s, \"u\": %s}".formatted(other, json(key), json(time));
  }

  private static String json(@Nullable String text) {
    return text == null ? "null" : '"' + text + '"';
  }

  private void write(String source, List<List<String>> files) throws IOException {
    Path folder = Files.createDirectories(home.resolve(source));
    for (int number = 0; number < files.size(); number++) {
      Path file = Files.write(folder.resolve(number + ".txt"), files.get(number));
      Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH.plusSeconds(number)));
    }
  }

  private Plan plan(String late) {
    return Jobs.plan(JOB.replace("LATE", late), Map.of("HOME", home.toString()));
  }

  /** How many rows Spark dropped itself. */
  private long run(String late) {
    try (RunningJob job = new Launcher(Sessions.spark()).launch(plan(late))) {
      job.await();
      return job.queries().values().stream()
          .flatMap(query -> Arrays.stream(query.recentProgress()))
          .flatMap(progress -> Arrays.stream(progress.stateOperators()))
          .mapToLong(operator -> operator.numRowsDroppedByWatermark())
          .sum();
    }
  }

  private List<String> results(String late) {
    return MemorySink.rows(home + "/" + late).stream().map(Row::toString).sorted().toList();
  }

  private Account account(String late) {
    Audit audit = Audit.of(plan(late), Sessions::spark).get(0);
    assertThat(audit.holds()).isTrue();
    return audit.total().orElseThrow();
  }

  private static String told(Letter letter) {
    return "%s %s %s %s"
        .formatted(
            letter.source(),
            letter.step(),
            letter.rule(),
            new String(Objects.requireNonNull(letter.raw()), UTF_8));
  }

  @Test
  void areCountedAsSparkDropsThemAndKeptUnderTheirSource() throws IOException {
    write("lefts", LEFT);
    write("rights", RIGHT);

    assertThat(run("drop")).as("dropped by Spark").isEqualTo(3);
    assertThat(run("keep")).as("dropped by Spark where all are kept").isZero();

    assertThat(results("keep"))
        .isEqualTo(results("drop"))
        .contains(
            "[l1,a,2026-01-01 00:05:00.0,on time,2026-01-01 00:05:30.0]",
            "[l0,a,2026-01-01 00:00:10.0,null,null]",
            "[just behind it,a,2026-01-01 00:04:50.001,r1,2026-01-01 00:05:00.0]")
        .noneMatch(row -> row.contains("long ago") || row.contains("at the watermark"));
    assertThat(
            DeadLetters.of(Sessions.spark(), plan("keep"), Filter.ALL).newest(100).stream()
                .map(LateJoinTest::told))
        .containsExactlyInAnyOrder(
            "lefts lefts decode broken",
            "lefts pairs late " + left("at the watermark", "a", "2026-01-01T00:04:50Z"),
            "lefts pairs late " + left("before 1970", "a", "1969-12-31T23:59:59Z"),
            "rights pairs late " + right("long ago", "a", "2026-01-01T00:00:10Z"));
    Account.State state = account("keep").states().get(0);
    assertThat(state).isEqualTo(account("drop").states().get(0));
    assertThat(state.equation()).startsWith("passed 13, taken 10 + late 3 + deduplicated 0");
    assertThat(state.counted()).isTrue();
  }

  @Test
  void areKeptOfOneSideAlone() throws IOException {
    write("lefts", LEFT);
    write("rights", RIGHT);
    String job = JOB.replaceFirst("late: LATE", "late: drop").replace("LATE", "keep");
    Plan plan = Jobs.plan(job, Map.of("HOME", home.toString()));

    Jobs.run(plan);
    assertThat(
            DeadLetters.of(Sessions.spark(), plan, Filter.ALL).newest(100).stream()
                .map(LateJoinTest::told))
        .containsExactlyInAnyOrder(
            "lefts lefts decode broken",
            "rights pairs late " + right("long ago", "a", "2026-01-01T00:00:10Z"));
    assertThat(account("keep").late()).isEqualTo(3);
  }

  @Test
  void areNotKeptWhereRowsOfAJoinComeBesideOthers() {
    String job =
        JOB.replace("LATE", "keep")
            .replace(
                "dead-letters:",
                """
                  - {name: all, union: {of: [pairs, lefts], missing: nulls}}
                  - {name: minutes, window: {time: t, every: 1m, aggregate: {n: count(1)}}}
                dead-letters:\
                """)
            .replace("from: pairs", "from: minutes");

    assertThat(Jobs.lint(job, Map.of("HOME", "/tmp")))
        .singleElement()
        .asString()
        .endsWith(
            "sources.lefts.watermark.late: Cannot keep late rows: step minutes gets rows of a join"
                + " as well, whose watermark is behind that of others. Join behind it, or leave out"
                + " late: keep");
  }
}
