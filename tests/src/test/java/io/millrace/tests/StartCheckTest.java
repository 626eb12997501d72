package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.run.Launcher;
import io.millrace.engine.run.Ledgers;
import io.millrace.engine.run.RefusedStartException;
import io.millrace.engine.run.RunningJob;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LineFolder;
import io.millrace.engine.testing.LocalPostgres;
import io.millrace.engine.testing.Sessions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Starts after one of the checkpoint and the sinks went back in time, or was replaced. */
class StartCheckTest {
  private static final String JOB =
      """
      job: check_${ID}
      checkpoint: ${HOME}/checkpoints
      sources:
        - {name: numbers, files: {path: "${HOME}/in", format: json, schema: n int}}
      steps:
        - {name: texts, sql: select cast(n as string) value from numbers}
      dead-letters: drop
      sinks:
        - {name: table, from: numbers, delta: {path: "${HOME}/table"}, trigger: available-now}
      """;

  private static final String BOTH =
      JOB
          + """
            - name: database
              from: numbers
              jdbc: {url: "${DB}", user: "${DB_USER}", table: "numbers_${ID}"}
              trigger: available-now
            - {name: folder, files: {path: "${HOME}/folder", format: text}, from: texts, trigger: available-now}
          """;

  private final String id = "c" + UUID.randomUUID().toString().substring(0, 8);
  private final Path home = Folders.temporary("check");
  private final LineFolder lines = new LineFolder(home.resolve("in").toString());
  private int next;

  private Plan plan(String text) {
    return Jobs.plan(
        text,
        Map.of(
            "HOME", home.toString(),
            "ID", id,
            "DB", LocalPostgres.shared().url(),
            "DB_USER", LocalPostgres.shared().user()));
  }

  private void run(String text, Launcher.Start start) {
    try (RunningJob job = new Launcher(Sessions.spark()).launch(plan(text), start)) {
      job.await();
    }
  }

  /** Sink, batches begun and done, the sink's last batch, and whether they fit. */
  private List<String> ledgers(String text) {
    return Ledgers.of(Sessions.spark(), plan(text)).stream()
        .map(
            line ->
                String.join(
                    " ",
                    line.sink(),
                    Long.toString(line.begun()),
                    Long.toString(line.done()),
                    line.held().map(held -> Long.toString(held.batch())).orElse("-"),
                    line.verdict()))
        .sorted()
        .toList();
  }

  /** One more number, and a batch for it. */
  private void batch(String text) throws IOException {
    Files.createDirectories(home.resolve("in"));
    lines.add("{\"n\": " + next++ + "}");
    run(text, Launcher.Start.CHECKED);
  }

  private List<String> refusals(String text) {
    return catchThrowableOfType(
            RefusedStartException.class, () -> run(text, Launcher.Start.CHECKED))
        .reasons();
  }

  private List<Integer> inDatabase() {
    return LocalPostgres.shared().read("select n from numbers_" + id + " order by n").stream()
        .map(Integer::valueOf)
        .toList();
  }

  private List<Integer> inTable() {
    return Sessions.spark()
        .read()
        .format("delta")
        .load(home.resolve("table").toString())
        .orderBy("n")
        .collectAsList()
        .stream()
        .map(row -> row.getInt(0))
        .toList();
  }

  private List<Integer> inFolder() throws IOException {
    List<Integer> numbers = new ArrayList<>();
    try (Stream<Path> all = Files.list(home.resolve("folder"))) {
      for (Path file :
          all.filter(path -> path.getFileName().toString().startsWith("batch-")).toList()) {
        Files.readAllLines(file).forEach(line -> numbers.add(Integer.valueOf(line)));
      }
    }
    return numbers.stream().sorted().toList();
  }

  /** Takes back the last manifests of the folder. */
  private void takeBack(int manifests) throws IOException {
    Path ledger = home.resolve("folder/_millrace/check_" + id + "/folder");
    try (Stream<Path> all = Files.list(ledger)) {
      for (Path path :
          all.filter(Files::isRegularFile)
              .sorted(Comparator.reverseOrder())
              .limit(manifests)
              .toList()) {
        Files.delete(path);
      }
    }
  }

  @Test
  void aBatchIsInTheFolderOnceWhenItsCommitIsTakenAway() throws Exception {
    batch(BOTH);
    Jobs.forget(home.resolve("checkpoints"), "numbers", 0);
    run(BOTH, Launcher.Start.CHECKED);
    batch(BOTH);

    assertThat(inFolder()).containsExactly(0, 1);
    assertThat(inTable()).containsExactly(0, 1);
  }

  @Test
  void aSinkThatWentBackIsRefusedUntilItIsAdopted() throws Exception {
    assertThat(ledgers(BOTH))
        .containsExactly("database -1 -1 - fits", "folder -1 -1 - fits", "table -1 -1 - fits");
    assertThat(home.resolve("checkpoints")).doesNotExist();
    batch(BOTH);
    batch(BOTH);
    batch(BOTH);
    assertThat(ledgers(BOTH))
        .containsExactly("database 2 2 2 fits", "folder 2 2 2 fits", "table 2 2 2 fits");
    LocalPostgres.shared().execute("delete from numbers_" + id + " where n > 0");
    LocalPostgres.shared()
        .execute("update millrace_ledger set last_batch = 0 where job = 'check_" + id + "'");

    takeBack(4);

    assertThat(refusals(BOTH))
        .hasSize(2)
        .allSatisfy(
            reason ->
                assertThat(reason)
                    .contains("went back in time. It has batches up to 0")
                    .contains("Missing in the sink: batches 1 to 2, from offsets {\"logOffset\":0}")
                    .contains("to offsets {\"logOffset\":2} of ")
                    .contains("--adopt"))
        .anySatisfy(reason -> assertThat(reason).contains("sink 'database'"))
        .anySatisfy(reason -> assertThat(reason).contains("sink 'folder'"));
    assertThat(inDatabase()).containsExactly(0);
    assertThat(ledgers(BOTH))
        .containsExactly(
            "database 2 2 0 the sink went back in time",
            "folder 2 2 0 the sink went back in time",
            "table 2 2 2 fits");

    run(BOTH, Launcher.Start.ADOPTING);
    assertThat(ledgers(BOTH))
        .containsExactly("database 2 2 2 fits", "folder 2 2 2 fits", "table 2 2 2 fits");
    batch(BOTH);
    assertThat(inDatabase()).containsExactly(0, 3);
    assertThat(inTable()).containsExactly(0, 1, 2, 3);
    assertThat(inFolder()).containsExactly(0, 1, 2, 3);
  }

  @Test
  void aCheckpointThatWentBackIsRefusedByEverySinkUntilItIsAdopted() throws Exception {
    batch(BOTH);
    Path checkpoints = home.resolve("checkpoints");
    Path copy = home.resolve("copy");
    copy(checkpoints, copy);
    batch(BOTH);
    batch(BOTH);
    Folders.delete(checkpoints);
    copy(copy, checkpoints);

    assertThat(refusals(BOTH))
        .hasSize(3)
        .allSatisfy(
            reason ->
                assertThat(reason)
                    .contains("went back in time. It ends at batch 0, sink '")
                    .contains("has batches up to 2: batches 1 to 2 would be written once more"));

    run(BOTH, Launcher.Start.ADOPTING);
    assertThat(inDatabase()).containsExactly(0, 1, 1, 2, 2);
    assertThat(inTable()).containsExactly(0, 1, 1, 2, 2);
    assertThat(inFolder()).containsExactly(0, 1, 1, 2, 2);
    batch(BOTH);
    assertThat(inDatabase()).endsWith(2, 3);
  }

  @Test
  void aCheckpointThatWasReplacedIsRefused() throws Exception {
    batch(BOTH);
    Folders.delete(home.resolve("checkpoints"));

    assertThat(refusals(BOTH))
        .hasSize(3)
        .allSatisfy(reason -> assertThat(reason).contains("batches up to 0 of another checkpoint"));

    run(BOTH, Launcher.Start.ADOPTING);
    batch(BOTH);
    assertThat(inDatabase()).containsExactly(0, 0, 1);
    assertThat(inTable()).containsExactly(0, 0, 1);
    assertThat(inFolder()).containsExactly(0, 0, 1);
  }

  @Test
  void aSinkThatWasReplacedIsRefused() throws Exception {
    batch(BOTH);
    batch(BOTH);
    LocalPostgres.shared().execute("delete from millrace_ledger where job = 'check_" + id + "'");
    Folders.delete(home.resolve("table"));
    Folders.delete(home.resolve("folder"));

    assertThat(refusals(BOTH))
        .hasSize(3)
        .allSatisfy(
            reason ->
                assertThat(reason)
                    .contains("knows nothing of this job")
                    .contains("batches 0 to 1, from the beginning, to offsets"));

    run(BOTH, Launcher.Start.ADOPTING);
    batch(BOTH);
    assertThat(inDatabase()).containsExactly(0, 1, 2);
    assertThat(inTable()).containsExactly(2);
    assertThat(inFolder()).containsExactly(2);
  }

  @Test
  void aBatchOfTheSameNumberWithOtherRowsIsRefusedUntilItIsAdopted() throws Exception {
    batch(BOTH);
    batch(BOTH);
    LocalPostgres.shared()
        .execute("update millrace_ledger set offsets = '7' where job = 'check_" + id + "'");

    assertThat(refusals(BOTH))
        .singleElement()
        .satisfies(
            reason ->
                assertThat(reason)
                    .contains("sink 'database' has other rows of batch 1 than the checkpoint")
                    .contains("up to offsets 7, the checkpoint up to {\"logOffset\":1}.")
                    .contains("--adopt"));
    assertThat(ledgers(BOTH)).contains("database 1 1 1 the batch has other rows");

    run(BOTH, Launcher.Start.ADOPTING);
    assertThat(ledgers(BOTH)).contains("database 1 1 1 fits");
    batch(BOTH);
    assertThat(inDatabase()).containsExactly(0, 1, 2);
  }

  @Test
  void aSinkThatWentBackBeforeItsNumberWasNotedIsRefusedAllTheSame() throws Exception {
    batch(BOTH);
    Path plan = home.resolve("checkpoints/numbers.plan");
    Files.writeString(plan, Files.readString(plan).replaceAll("(?m)^since .*\\n", ""));
    run(BOTH, Launcher.Start.CHECKED);
    LocalPostgres.shared().execute("delete from millrace_ledger where job = 'check_" + id + "'");

    assertThat(refusals(BOTH))
        .singleElement()
        .satisfies(reason -> assertThat(reason).contains("knows nothing of this job"));
  }

  @Test
  void aSinkThatJoinsLaterStartsBehindTheLastCommit() throws Exception {
    batch(JOB);
    batch(JOB);
    run(BOTH, Launcher.Start.CHECKED);
    batch(BOTH);

    assertThat(inDatabase()).containsExactly(2);
    assertThat(inFolder()).containsExactly(2);
    assertThat(inTable()).containsExactly(0, 1, 2);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : all.toList()) {
        Files.copy(path, to.resolve(from.relativize(path).toString()));
      }
    }
  }
}
