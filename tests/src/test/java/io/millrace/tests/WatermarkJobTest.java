package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.plan.Analyzer;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.run.Account;
import io.millrace.engine.run.Audit;
import io.millrace.engine.run.DeadLetters;
import io.millrace.engine.run.DeadLetters.Filter;
import io.millrace.engine.run.DeadLetters.Letter;
import io.millrace.engine.run.JobFailedException;
import io.millrace.engine.run.Launcher;
import io.millrace.engine.run.RunningJob;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LocalBroker;
import io.millrace.engine.testing.Sessions;
import io.millrace.engine.testing.Topics;
import io.millrace.sinks.memory.MemorySink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** What holds a watermark back, and what may not move it. */
class WatermarkJobTest {
  private static final String IDLE =
      """
      job: idle
      checkpoint: ${HOME}/checkpoints
      spark: {spark.sql.shuffle.partitions: "1"}
      sources:
        - name: orders
          kafka: {servers: "${KAFKA}", topics: ["${ID}-orders"], start: earliest}
          decode: {json: "id string, t timestamp"}
          watermark: {time: t, delay: 10s, late: keep}
        - name: clicks
          kafka: {servers: "${KAFKA}", topics: ["${ID}-clicks"], start: earliest}
          decode: {json: "id string, t timestamp"}
          watermark: {time: t, delay: 10s, late: keep, idle: "${IDLE}"}
      steps:
        - {name: both, union: [orders, clicks]}
        - {name: minutes, window: {time: t, every: 1m, aggregate: {ids: "array_join(array_sort(collect_list(id)), ' ')"}}}
      dead-letters: {files: {path: "${HOME}/dead", format: json}}
      sinks:
        - {name: out, from: minutes, memory: "${HOME}", trigger: available-now}
      """;

  private static final String AHEAD =
      """
      job: ahead
      checkpoint: ${HOME}/checkpoints
      spark: {spark.sql.shuffle.partitions: "1"}
      sources:
        - name: events
          files: {path: "${HOME}/in", format: text, max-files-per-batch: 1}
          decode: {json: "id string, t timestamp"}
          watermark: {time: t, max-ahead: 1h}
        - {name: plain, files: {path: "${HOME}/in", format: json, schema: "id string, t timestamp", max-files-per-batch: 1}}
      steps:
        - {name: minutes, from: events, window: {time: t, every: 1m, aggregate: {ids: "array_join(array_sort(collect_list(id)), ' ')"}}}
        - {name: timed, from: plain, watermark: {time: t, max-ahead: 1h, late: keep}}
        - {name: later, window: {time: t, every: 1m, aggregate: {n: count(1)}}}
      dead-letters: {files: {path: "${HOME}/dead", format: json}}
      sinks:
        - {name: out, from: minutes, memory: "${HOME}/minutes", trigger: available-now}
        - {name: more, from: later, memory: "${HOME}/later", trigger: available-now}
      """;

  private final Path home = Folders.temporary("watermark");
  private final Path checkpoints = home.resolve("checkpoints");

  private Plan idle(String length) {
    return idle(IDLE, length);
  }

  private Plan idle(String job, String length) {
    return Jobs.plan(
        job,
        Map.of(
            "HOME", home.toString(),
            "ID", id(),
            "KAFKA", LocalBroker.shared().servers(),
            "IDLE", length));
  }

  private String id() {
    return home.getFileName().toString();
  }

  private Plan ahead(Analyzer.Run run) {
    return Jobs.plan(AHEAD, Map.of("HOME", home.toString()), run);
  }

  private void write(String topic, String... rows) {
    Topics.write(LocalBroker.shared().servers(), id() + "-" + topic, rows);
  }

  private static String row(String id, String time) {
    return "{\"id\": \"%s\", \"t\": \"2026-01-01T%sZ\"}".formatted(id, time);
  }

  private SortedMap<Long, List<String>> results(String name) {
    SortedMap<Long, List<String>> results = new TreeMap<>();
    MemorySink.batches(name)
        .forEach((batch, rows) -> results.put(batch, rows.stream().map(Row::toString).toList()));
    results.values().removeIf(List::isEmpty);
    return results;
  }

  private List<String> closed() {
    return results(home.toString()).values().stream().flatMap(List::stream).toList();
  }

  private static List<Letter> letters(Plan plan) {
    return DeadLetters.of(Sessions.spark(), plan, Filter.ALL).newest(100);
  }

  @Test
  void anInputThatIsSilentLetsTheOthersGoOnAndIsLateWhenItSpeaks() throws IOException {
    LocalBroker.shared().createTopic(id() + "-orders", 1);
    LocalBroker.shared().createTopic(id() + "-clicks", 1);
    write("orders", row("o1", "00:00:10"));
    write("clicks", row("c1", "00:00:40"));
    Jobs.run(idle("1h"));
    write("orders", row("o2", "00:05:00"));
    Jobs.run(idle("1h"));
    assertThat(closed()).as("clicks may still come").isEmpty();

    // Silence is measured by the batches before this start, too.
    write("orders", row("o3", "00:06:00"));
    failWithTheFirstBeat();
    Jobs.run(idle("1h"));
    List<String> first =
        List.of(
            "[2026-01-01 00:00:00.0,2026-01-01 00:01:00.0,c1 o1]",
            "[2026-01-01 00:05:00.0,2026-01-01 00:06:00.0,o2]");
    assertThat(closed()).as("no row of orders came since").isEqualTo(first.subList(0, 1));
    write("orders", row("o4", "00:06:00"));
    Jobs.run(idle("1ms"));
    assertThat(closed()).isEqualTo(first.subList(0, 1));

    // Its watermark stands where that of the others was: it holds these back again from there on.
    write("clicks", row("c2", "00:05:20"), row("c3", "00:00:50"));
    write("orders", row("o5", "00:07:00"));
    Jobs.run(idle("1h"));
    assertThat(closed()).isEqualTo(first.subList(0, 1));
    write("orders", row("o6", "00:08:30"));
    Jobs.run(idle("1ms"));
    assertThat(closed())
        .containsExactlyInAnyOrder(
            first.get(0),
            "[2026-01-01 00:05:00.0,2026-01-01 00:06:00.0,c2 o2]",
            "[2026-01-01 00:06:00.0,2026-01-01 00:07:00.0,o3 o4]",
            "[2026-01-01 00:07:00.0,2026-01-01 00:08:00.0,o5]");

    assertThat(letters(idle("1h")))
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.rule()).isEqualTo("late");
              assertThat(letter.reason()).startsWith("Late by 290s: t 2026-01-01T00:00:50Z");
            });
    Audit audit = Audit.of(idle("1h"), Sessions::spark).get(0);
    assertThat(audit.holds()).isTrue();
    Account account = audit.total().orElseThrow();
    assertThat(account.late()).isEqualTo(1);
    assertThat(account.intakes())
        .as("beats are no rows")
        .extracting(Account.Intake::read)
        .containsExactly(6L, 3L);
  }

  @Test
  void aWatermarkThatMovedLastBeforeARestartClosesWindowsWithoutFurtherRows() {
    LocalBroker.shared().createTopic(id() + "-orders", 1);
    LocalBroker.shared().createTopic(id() + "-clicks", 1);
    write("orders", row("o1", "00:00:10"), row("o2", "00:05:00"));
    write("clicks", row("c1", "00:00:40"), row("c2", "00:05:00"));

    // So it is left where the driver dies between the batch that moves it and the next one.
    Jobs.run(
        idle(
            IDLE.replace(
                "spark: {", "spark: {spark.sql.streaming.noDataMicroBatches.enabled: \"false\", "),
            "1h"));
    assertThat(closed()).isEmpty();

    Jobs.run(idle("1h"));
    assertThat(closed()).containsExactly("[2026-01-01 00:00:00.0,2026-01-01 00:01:00.0,c1 o1]");
    long last = Jobs.last(checkpoints, "minutes");
    Jobs.run(idle("1h"));
    assertThat(Jobs.last(checkpoints, "minutes")).as("once").isEqualTo(last);
  }

  /** The driver dies when all sinks have the batch with it, and Spark has not noted it as done. */
  private void failWithTheFirstBeat() {
    Launcher launcher =
        new Launcher(
            Sessions.spark(),
            report -> {
              if (noted(report.batch()).contains("{\"beats\":1,")) {
                throw new IllegalStateException("died in the batch with a beat");
              }
            },
            List.of());
    try (RunningJob job = launcher.launch(idle("1ms"))) {
      assertThatThrownBy(job::await)
          .isInstanceOf(JobFailedException.class)
          .hasMessageContaining("died in the batch with a beat");
    }
  }

  private String noted(long batch) {
    try {
      return Files.readString(checkpoints.resolve("minutes/offsets/" + batch));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void anInputThatIsAloneInItsQueryCannotBeIdle() {
    String alone =
        IDLE.replace(
            "{name: both, union: [orders, clicks]}", "{name: both, sql: select * from clicks}");

    assertThat(Jobs.lint(alone, Map.of("HOME", "/tmp", "ID", "x", "KAFKA", "h:1", "IDLE", "1m")))
        .containsExactly(
            "job.yaml:12:57  sources.clicks.watermark.idle: Cannot use idle: no query has both the"
                + " watermark of clicks and another one that it could go with, and the clock closes"
                + " no window. Leave idle out");
  }

  @Test
  void aBoundOnTheFutureNeedsDeadLetters() {
    String job =
        """
        job: ahead
        checkpoint: /tmp/ahead
        sources:
          - {name: rows, rate: {}, watermark: {time: timestamp, max-ahead: 1h}}
        sinks:
          - {name: out, memory: out}
        """;

    assertThat(Jobs.lint(job, Map.of()))
        .containsExactly(
            "job.yaml:1:6  dead-letters: Missing dead-letters: 'rows' may refuse rows. Name a target,"
                + " such as dead-letters: {delta: {path: ...}}, or write dead-letters: drop");
  }

  @Test
  void aRowTooFarAheadMovesNothingAndIsKept() throws IOException {
    Instant now = Instant.now();
    Files.createDirectories(home.resolve("in"));
    add(1, "a", now.minusSeconds(7_200));
    add(2, "b", now.plusSeconds(7_200));
    add(3, "c", now.minusSeconds(7_190));
    add(4, "d", now.minusSeconds(600));
    Plan plan = ahead(Analyzer.Run.STREAM);
    Jobs.run(plan);

    assertThat(results(home + "/minutes").values().stream().flatMap(List::stream))
        .as("c is not late")
        .allMatch(row -> !row.contains("b") && !row.contains("d"))
        .anyMatch(row -> row.contains("c"));
    assertThat(letters(plan))
        .extracting(letter -> letter.step() + " " + letter.rule())
        .containsExactlyInAnyOrder("events max-ahead", "timed max-ahead");
    assertThat(letters(plan)).extracting(Letter::source).containsOnly("events", "plain");
    Account account = account(plan, "minutes");
    assertThat(account.intakes()).containsExactly(new Account.Intake("events", 4, 3, 1, 0));
    assertThat(account.late()).isZero();
    assertThat(account(plan, "later").intakes()).contains(new Account.Intake("timed", 4, 3, 1, 0));

    Set<String> before = Set.copyOf(reasons(plan));
    Jobs.forget(checkpoints, "minutes", Jobs.last(checkpoints, "minutes"));
    Jobs.run(plan);
    assertThat(reasons(plan)).hasSize(2).containsExactlyInAnyOrderElementsOf(before);
    givesTheSameOnce(home);
  }

  private void givesTheSameOnce(Path in) {
    Map<String, String> elsewhere = Map.of("HOME", in.toString());
    Plan plan =
        Jobs.plan(
            AHEAD
                .replace("${HOME}/minutes", "${HOME}/once")
                .replace("${HOME}/later", "${HOME}/other")
                .replace("${HOME}/dead", "${HOME}/once-dead"),
            elsewhere,
            Analyzer.Run.BATCH);
    new Launcher(Sessions.spark()).runOnce(plan, Launcher.Ends.OPEN);
    assertThat(results(in + "/once").values().stream().flatMap(List::stream).sorted().toList())
        .isEqualTo(
            results(in + "/minutes").values().stream().flatMap(List::stream).sorted().toList());
    assertThat(Sessions.spark().read().json(in + "/once-dead").count()).isEqualTo(2);
  }

  private static List<String> reasons(Plan plan) {
    return letters(plan).stream().map(Letter::reason).sorted().toList();
  }

  private static Account account(Plan plan, String query) {
    Audit audit =
        Audit.of(plan, Sessions::spark).stream()
            .filter(each -> each.query().equals(query))
            .findFirst()
            .orElseThrow();
    assertThat(audit.holds()).isTrue();
    return audit.total().orElseThrow();
  }

  private void add(int number, String id, Instant time) throws IOException {
    Path file = home.resolve("in").resolve(number + ".txt");
    Files.writeString(file, "{\"id\": \"%s\", \"t\": \"%s\"}\n".formatted(id, time));
    Files.setLastModifiedTime(
        file, java.nio.file.attribute.FileTime.from(Instant.EPOCH.plusSeconds(number)));
  }
}
