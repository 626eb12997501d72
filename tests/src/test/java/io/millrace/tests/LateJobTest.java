package io.millrace.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.run.Account;
import io.millrace.engine.run.Audit;
import io.millrace.engine.run.DeadLetters;
import io.millrace.engine.run.DeadLetters.Filter;
import io.millrace.engine.run.DeadLetters.Letter;
import io.millrace.engine.run.Drives;
import io.millrace.engine.run.JobFailedException;
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
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows behind the watermark: kept or not, what state makes of the others is the same. */
class LateJobTest {
  private static final String JOB =
      """
      job: late
      checkpoint: ${HOME}/checkpoints
      spark: {spark.sql.shuffle.partitions: "1"}
      sources:
        - name: events
          files: {path: "${HOME}/in", format: text, max-files-per-batch: 1}
          decode: {json: "id string not null, k string, n int, t timestamp"}
          watermark: {time: t, delay: 10s, late: "${LATE}"}
      steps:
        - {name: valid, validate: [{rule: positive, that: n > 0}]}
        - {name: minutes, from: valid, window: {time: t, every: 1m, by: [k], aggregate: {ids: IDS}}}
        - {name: hops, from: valid, window: {time: t, every: 1m, size: 2m, by: [k], aggregate: {ids: IDS}}}
        - {name: parts, from: valid, window: {time: t, every: 6m, cumulate: 2m, by: [k], aggregate: {ids: IDS}}}
        - {name: visits, from: valid, window: {time: t, session: 1m, by: [k], aggregate: {ids: IDS}}}
        - {name: once, from: valid, when: t is not null, dedupe: {keys: [id], within: 10m}}
        - name: all
          sql: |
            select 'minutes' as step, * from minutes union all select 'hops' as step, * from hops
            union all select 'parts' as step, * from parts
            union all select 'visits' as step, * from visits
            union all select 'once' as step, t, t, k, id from once
      dead-letters: {files: {path: "${HOME}/dead", format: json}}
      sinks:
        - {name: out, from: all, memory: "${HOME}", trigger: available-now}
      """
          .replace("IDS", "\"array_join(array_sort(collect_list(id)), ' ')\"");

  private static final List<List<String>> FILES =
      List.of(
          List.of(
              at("a", "00:00:10"), at("b", "00:00:50"), at("a", "00:00:11"), at("c", "00:05:00")),
          List.of(at("z", "00:20:00")),
          List.of(
              at("e", "00:01:00"),
              at("f", "00:03:30"),
              at("g", "00:04:20"),
              "{\"id\": \"i\", \"k\": \"x\", \"n\": 1}",
              "{\"id\": \"j\", \"k\": \"x\", \"n\": -1}",
              "broken"));

  /** A run's folder, and what Spark dropped in its batches. */
  private static final class Home {
    private final Path folder = Folders.temporary("late");
    private int files;
    private long dropped;

    Plan plan(String late) {
      return Jobs.plan(JOB, Map.of("HOME", folder.toString(), "LATE", late));
    }

    /** Adds files up to a number, and runs the job over what it has not read. */
    void run(String late, int until) throws IOException {
      for (; files < until; files++) {
        Path draft = Files.write(folder.resolve("draft"), FILES.get(files));
        Files.setLastModifiedTime(draft, FileTime.from(Instant.EPOCH.plusSeconds(1_000L + files)));
        Files.createDirectories(folder.resolve("in"));
        Files.move(draft, folder.resolve("in").resolve(files + ".txt"));
      }
      try (RunningJob job = new Launcher(Sessions.spark()).launch(plan(late))) {
        job.await();
        job.queries().values().stream()
            .flatMap(query -> Arrays.stream(query.recentProgress()))
            .flatMap(progress -> Arrays.stream(progress.stateOperators()))
            .forEach(operator -> dropped += operator.numRowsDroppedByWatermark());
      }
    }

    SortedMap<Long, List<String>> results() {
      SortedMap<Long, List<String>> results = new TreeMap<>();
      MemorySink.batches(folder.toString())
          .forEach((batch, rows) -> results.put(batch, texts(rows)));
      return results;
    }

    private static List<String> texts(List<Row> rows) {
      return rows.stream().map(Row::toString).sorted().toList();
    }

    List<Letter> letters() {
      return DeadLetters.of(Sessions.spark(), plan("keep"), Filter.ALL).newest(100);
    }

    Account account() {
      Audit audit = Audit.of(plan("keep"), Sessions::spark).get(0);
      assertThat(audit.holds()).isTrue();
      return audit.total().orElseThrow();
    }
  }

  private static String at(String id, String time) {
    return "{\"id\": \"%s\", \"k\": \"x\", \"n\": 1, \"t\": \"2026-01-01T%sZ\"}"
        .formatted(id, time);
  }

  /** Batch, step, rule and id of each letter. */
  private static List<String> told(List<Letter> letters) {
    return letters.stream()
        .map(
            letter ->
                "%d %s %s %s".formatted(letter.batch(), letter.step(), letter.rule(), id(letter)))
        .sorted()
        .toList();
  }

  private static String raw(Letter letter) {
    return new String(Objects.requireNonNull(letter.raw()), UTF_8);
  }

  private static String id(Letter letter) {
    return raw(letter).replaceFirst(".*\"id\": ?\"(\\w+)\".*", "$1");
  }

  @Test
  void areKeptOnceAndNothingElseChanges() throws IOException {
    Home dropping = new Home();
    dropping.run("drop", 3);
    Home keeping = new Home();
    keeping.run("keep", 3);
    List<String> before = told(keeping.letters());
    Path checkpoints = keeping.folder.resolve("checkpoints");
    assertThat(Jobs.last(checkpoints, "all")).isEqualTo(2);
    Jobs.forget(checkpoints, "all", 2);
    keeping.run("keep", 3);

    assertThat(keeping.results()).isEqualTo(dropping.results());
    assertThat(keeping.results().values().stream().flatMap(List::stream))
        .contains(
            "[minutes,2026-01-01 00:04:00.0,2026-01-01 00:05:00.0,x,g]",
            "[hops,2026-01-01 00:03:00.0,2026-01-01 00:05:00.0,x,f g]",
            "[parts,2026-01-01 00:00:00.0,2026-01-01 00:04:00.0,x,a a b]",
            "[parts,2026-01-01 00:00:00.0,2026-01-01 00:06:00.0,x,a a b c e f g]");
    assertThat(keeping.dropped).as("dropped by Spark").isZero();
    assertThat(dropping.dropped).as("dropped by Spark where none are kept").isPositive();

    List<Letter> letters = keeping.letters();
    assertThat(told(letters))
        .isEqualTo(before)
        .containsExactly(
            "2 events decode broken",
            "2 hops late e",
            "2 hops late i",
            "2 minutes late e",
            "2 minutes late f",
            "2 minutes late i",
            "2 once late e",
            "2 once late f",
            "2 once late g",
            "2 parts late i",
            "2 valid positive j",
            "2 visits late e",
            "2 visits late f",
            "2 visits late i");

    Account account = keeping.account();
    assertThat(account.states()).containsExactlyInAnyOrderElementsOf(dropping.account().states());
    assertThat(account.late()).isEqualTo(12);
    assertThat(account.intakes()).extracting(Account.Intake::dead).containsExactly(1L, 1L);
    assertThat(account.sink("dead_letters").orElseThrow().arrived()).isEqualTo(14);
    tellHowLateTheyAre(letters);
    areNotDrivenIntoState(keeping);
    areNotKeptOnACheckpointThatBeganWithoutThem(dropping);
  }

  private static void tellHowLateTheyAre(List<Letter> letters) {
    Letter letter =
        letters.stream()
            .filter(each -> each.step().equals("minutes") && id(each).equals("e"))
            .findFirst()
            .orElseThrow();
    assertThat(letter.reason())
        .isEqualTo(
            "Late by 170s: t 2026-01-01T00:01:00Z, taken until the watermark was"
                + " 2026-01-01T00:02:00Z, and it was 2026-01-01T00:04:50Z");
    assertThat(letter.source()).isEqualTo("events");
    assertThat(letter.coordinates()).contains("2.txt");
    assertThat(raw(letter)).isEqualTo(at("e", "00:01:00"));
    assertThat(letters).extracting(Letter::reason).contains("Late: t is null");
  }

  private static void areNotDrivenIntoState(Home home) {
    Drives drives = new Drives(Sessions.spark(), home.plan("keep"));
    Filter late =
        new Filter(
            Optional.empty(),
            Optional.empty(),
            Optional.of("late"),
            Optional.empty(),
            Optional.empty());
    assertThatThrownBy(() -> drives.look(late, Set.of()))
        .hasMessageContaining(
            "Cannot drive letters of step minutes to sink out: step all keeps state, which has gone"
                + " on without these rows");
  }

  private static void areNotKeptOnACheckpointThatBeganWithoutThem(Home home) {
    assertThatThrownBy(() -> home.run("keep", 3))
        .isInstanceOf(JobFailedException.class)
        .hasMessageStartingWith(
            "Query 'all' stopped: Cannot go on from this checkpoint: the query read 6 times from its"
                + " sources, and reads 10 times now.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          drop                        | from: rows, dedupe: {keys: [value], within: 1m} | Needs dead-letters to keep late rows in. Name a target, such as dead-letters: {delta: {path: ...}}, or leave out late: keep
          {delta: {path: /lake/dead}} | sql: "select distinct timestamp, value from rows" | Cannot keep late rows: step result does not tell which rows are late for its state. Put a window, dedupe or join step in its place, or leave out late: keep
          {delta: {path: /lake/dead}} | from: rows, dedupe: {keys: [value], sequence: value} | Cannot keep late rows: step minutes gets them from result, which has state of its own and would be read twice. Put minutes in front of it, or leave out late: keep
          {delta: {path: /lake/dead}} | union: [rows, more] | Cannot keep late rows of rows and leave out those of more, for step minutes gets them together. Write late: keep for all of them, or for none
          """)
  void areKeptOnlyWhereThatCanBe(String target, String step, String sentence) {
    String job =
        """
        job: late
        checkpoint: /checkpoints/late
        dead-letters: %s
        sources:
          - name: rows
            rate: {}
            watermark: {time: timestamp, delay: 5s, late: keep}
          - {name: more, rate: {}, watermark: {time: timestamp, delay: 5s}}
        steps:
          - {name: result, %s}
          - {name: minutes, window: {time: timestamp, every: 1m, aggregate: {n: count(1)}}}
        sinks:
          - {name: out, memory: out}
        """
            .formatted(target, step);

    assertThat(Jobs.lint(job, Map.of()))
        .containsExactly("job.yaml:7:51  sources.rows.watermark.late: " + sentence);
  }
}
