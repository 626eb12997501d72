package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.delta.tables.DeltaTable;
import io.millrace.engine.plan.Keepers;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.run.Account;
import io.millrace.engine.run.Audit;
import io.millrace.engine.run.Launcher;
import io.millrace.engine.run.RunningJob;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LineFolder;
import io.millrace.engine.testing.LocalPostgres;
import io.millrace.engine.testing.Sessions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Accounts of batches, kept where the rows are. */
class HistoryPlacesTest {
  private static final String JOB =
      """
      job: ${ID}
      checkpoint: ${HOME}/checkpoints
      sources:
        - {name: numbers, files: {path: "${HOME}/in", format: json, schema: n int}}
      dead-letters: drop
      sinks:
        - {name: out, SINK, trigger: available-now}
      """;
  private static final String DATABASE =
      "jdbc: {url: \"${DB}\", user: \"${DB_USER}\", table: \"${ID}\"}";
  private static final String TABLE = "delta: {path: \"${HOME}/table\"}";

  private final String id = "h" + UUID.randomUUID().toString().substring(0, 8);
  private final Path home = Folders.temporary("history");
  private final Path checkpoints = home.resolve("checkpoints");
  private final LineFolder lines = new LineFolder(home.resolve("in").toString());
  private final List<String> told = new ArrayList<>();
  private int next;

  private Plan plan(String sink) {
    return Jobs.plan(
        JOB.replace("SINK", sink),
        Map.of(
            "HOME", home.toString(),
            "ID", id,
            "DB", LocalPostgres.shared().url(),
            "DB_USER", LocalPostgres.shared().user()));
  }

  private static Audit audit(Plan plan) {
    return Audit.of(
            plan,
            () -> {
              throw new AssertionError("no session is needed");
            })
        .get(0);
  }

  /** One more number, and a batch for it. What an audit says meanwhile is told. */
  private void batch(Plan plan) throws IOException {
    Files.createDirectories(home.resolve("in"));
    lines.add("{\"n\": " + next++ + "}");
    run(plan);
  }

  private void run(Plan plan) {
    try (RunningJob job =
        new Launcher(
                Sessions.spark(),
                report -> {
                  Audit audit = audit(plan);
                  told.add("%d %d %s".formatted(audit.done(), last(audit), audit.holds()));
                },
                List.of())
            .launch(plan, Launcher.Start.CHECKED)) {
      job.await();
    }
  }

  private static long last(Audit audit) {
    return audit.accounts().get(audit.accounts().size() - 1).to();
  }

  private static List<String> accounts(Audit audit) {
    return audit.accounts().stream().map(HistoryPlacesTest::text).toList();
  }

  private static String text(Account account) {
    return account.to() + " " + account.sinks().get(0).equation();
  }

  @Test
  void aDatabaseKeepsEachBatchOnceAndBeforeSparkNotesIt() throws Exception {
    Plan plan = plan(DATABASE);
    assertThat(Keepers.of(plan, plan.queries().get(0)))
        .extracting(Plan.Output::name)
        .containsExactly("out");
    batch(plan);
    batch(plan);
    batch(plan);
    assertThat(told)
        .as("done, accounts up to, holds")
        .containsExactly("-1 0 true", "0 1 true", "1 2 true");
    Jobs.forget(checkpoints, "numbers", 2);
    run(plan);

    assertThat(read("select last_batch from millrace_history where job = '%s' order by 1"))
        .containsExactly("0", "1", "2");
    assertThat(accounts(audit(plan)))
        .containsExactly(
            "0 arrived 1, written 1 + rejected 0 + already there 0",
            "1 arrived 1, written 1 + rejected 0 + already there 0",
            "2 arrived 1, written 1 + rejected 0 + already there 0");
    assertThat(audit(plan).sources())
        .singleElement()
        .extracting(Audit.Source::place, Audit.Source::first, Audit.Source::last)
        .containsExactly(
            "the table public.millrace_history in " + LocalPostgres.shared().url(), 0L, 2L);
    assertThat(checkpoints.resolve("ledger")).doesNotExist();

    execute(
        "update millrace_history set account = replace(account, '}', ', \"new\": 1}') where job ="
            + " '%s'");
    assertThat(audit(plan).holds()).as("with fields of a later version").isTrue();

    execute("delete from millrace_history where job = '%s' and last_batch = 2");
    assertThat(audit(plan).gaps()).as("the database was put back").containsExactly("batch 2");
    assertThat(audit(plan).holds()).isFalse();
    Files.createDirectories(checkpoints.resolve("ledger/numbers"));
    execute("delete from millrace_history where job = '%s'");
    assertThat(audit(plan).differences())
        .containsExactly(
            "The checkpoint %s/numbers calls batches up to 2 done, and no place has an account of one"
                .formatted(checkpoints));
  }

  @Test
  void aDatabaseKnowsWhatALostOrOlderCheckpointDoesNot() throws Exception {
    Plan plan = plan(DATABASE);
    batch(plan);
    copy(checkpoints, home.resolve("copy"));
    batch(plan);
    batch(plan);
    Folders.delete(checkpoints);

    Audit lost = audit(plan);
    assertThat(accounts(lost)).hasSize(3);
    assertThat(lost.note().orElseThrow())
        .matches(
            "There are none of the checkpoint .*/checkpoints/numbers, which is not there; these are"
                + " of one with the id [0-9a-f-]{36}");
    assertThat(lost.holds()).isTrue();
    assertThat(checkpoints).as("it only reads").doesNotExist();

    copy(home.resolve("copy"), checkpoints);
    Audit older = audit(plan);
    assertThat(older.note()).isEmpty();
    assertThat(older.differences())
        .containsExactly(
            "The checkpoint %s/numbers is behind: it has begun batches up to 0, there are accounts up to 2"
                .formatted(checkpoints));
    assertThat(older.holds()).isFalse();
  }

  @Test
  void aDeltaTableKeepsItInItsFolder() throws Exception {
    Plan plan = plan(TABLE);
    batch(plan);
    batch(plan);
    Jobs.forget(checkpoints, "numbers", 1);
    run(plan);
    Sessions.spark().conf().set("spark.databricks.delta.retentionDurationCheck.enabled", "false");
    try {
      DeltaTable.forPath(Sessions.spark(), home.resolve("table").toString()).vacuum(0);
    } finally {
      Sessions.spark().conf().unset("spark.databricks.delta.retentionDurationCheck.enabled");
    }

    assertThat(told).containsExactly("-1 0 true", "0 1 true", "0 1 true");
    assertThat(accounts(audit(plan)))
        .containsExactly(
            "0 arrived 1, written 1 + rejected 0 + already there 0",
            "1 arrived 1, written 1 + rejected 0 + already there 0");
    assertThat(checkpoints.resolve("ledger")).doesNotExist();
    Folders.delete(checkpoints);
    assertThat(accounts(audit(plan))).hasSize(2);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : all.toList()) {
        Files.copy(path, to.resolve(from.relativize(path).toString()));
      }
    }
  }

  private void execute(String sql) {
    LocalPostgres.shared().execute(sql.formatted(id));
  }

  private List<String> read(String sql) {
    return LocalPostgres.shared().read(sql.formatted(id));
  }
}
