package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.run.JobFailedException;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LineFolder;
import io.millrace.engine.testing.LocalPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Batches that come again while one of two tables has them and the other has not. */
class ReplayTest {
  private static final LocalPostgres DATABASE =
      LocalPostgres.shared().createDatabase("replay" + System.nanoTime());

  private static final String JOB =
      """
      job: replay
      checkpoint: ${HOME}/checkpoints
      sources:
        - {name: lines, files: {path: "${HOME}/in", format: text}}
      steps:
        - {name: orders, sql: "select value as id, %s as v from lines"}
      sinks:
        - {name: one, from: orders, jdbc: {url: "${DB}", user: "${DB_USER}", table: one}, trigger: available-now}
        - {name: two, from: orders, jdbc: {url: "${DB}", user: "${DB_USER}", table: two}, trigger: available-now}
      """;

  private final Path home = Folders.temporary("replay");
  private final Map<String, String> variables =
      Map.of("HOME", home.toString(), "DB", DATABASE.url(), "DB_USER", DATABASE.user());

  @BeforeEach
  void setUp() throws Exception {
    DATABASE.execute("drop table if exists one, two, millrace_ledger");
    new LineFolder(Files.createDirectories(home.resolve("in")).toString()).add("a", "b", "c");
  }

  private Plan plan(String value) {
    return Jobs.plan(JOB.formatted(value), variables);
  }

  /** As if the driver had died between the commits of the two. */
  private void takeBackFromTwo() {
    Jobs.forget(home.resolve("checkpoints"), "lines", 0);
    DATABASE.execute("truncate two");
    DATABASE.execute("update millrace_ledger set last_batch = -1 where sink = 'two'");
  }

  @Test
  void otherRowsThanOneTableHasGoToNoOther() throws Exception {
    Plan plan = plan("rand()");
    Jobs.run(plan);
    takeBackFromTwo();

    assertThatThrownBy(() -> Jobs.run(plan))
        .isInstanceOf(JobFailedException.class)
        .hasMessageContaining(
            "batch 0, sink 'one': Cannot write batch 0 to the other sinks: it came again with"
                + " other rows than this sink has of it");
    assertThat(DATABASE.read("select count(*) from two")).containsExactly("0");
  }

  @Test
  void theSameRowsGoWhereTheyAreMissing() throws Exception {
    Plan plan = plan("length(value) * 1.5D");
    Jobs.run(plan);
    List<String> noted =
        DATABASE.read(
            "select digest || plan || version || offsets from millrace_ledger where sink = 'two'"
                + " and digest <> 0 and length(plan) = 16 and offsets like '%logOffset%'");
    assertThat(noted).hasSize(1);
    takeBackFromTwo();
    Jobs.run(plan);

    assertThat(DATABASE.read("select id from two order by id")).containsExactly("a", "b", "c");
    assertThat(DATABASE.read("select digest || plan || version || offsets from millrace_ledger"))
        .hasSize(2)
        .containsOnly(noted.get(0));
  }

  /** One table gets its rows in the task that reads them, the other from the frame of the batch. */
  @Test
  void theClockOfABatchIsTheSameWhenItComesAgain() throws Exception {
    Plan plan =
        Jobs.plan(
            JOB.formatted("1")
                .replace(
                    "sinks:",
                    """
                      - {name: stamped, sql: "select id, now() as v, current_date() as d,
                          localtimestamp() as l from orders"}
                    sinks:\
                    """)
                .replace("name: two, from: orders", "name: two, from: stamped"),
            variables);
    Jobs.run(plan);
    String noted =
        Files.readAllLines(home.resolve("checkpoints/lines/offsets/0")).stream()
            .filter(line -> line.contains("batchTimestampMs"))
            .findFirst()
            .orElseThrow()
            .replaceFirst(".*\"batchTimestampMs\":([0-9]+).*", "$1");
    String all =
        "select distinct round(extract(epoch from v) * 1000) || ' ' || d || ' ' || l from two";
    List<String> before = DATABASE.read(all);
    assertThat(before).hasSize(1).allMatch(row -> row.startsWith(noted + " "));
    takeBackFromTwo();
    Jobs.run(plan);

    assertThat(DATABASE.read(all)).isEqualTo(before);
    assertThat(DATABASE.read("select count(*) from two")).containsExactly("3");
  }

  @Test
  void aJobThatWasChangedMayGiveOtherRows() throws Exception {
    Jobs.run(plan("1"));
    takeBackFromTwo();
    Jobs.run(plan("2"));

    assertThat(DATABASE.read("select distinct v from two")).containsExactly("2");
  }

  @Test
  void aLedgerOfBeforeGetsTheColumns() throws Exception {
    Plan plan = plan("1");
    Jobs.run(plan);
    DATABASE.execute(
        "alter table millrace_ledger drop column digest, drop column plan, drop column offsets");
    takeBackFromTwo();
    Jobs.run(plan);

    assertThat(DATABASE.read("select sink from millrace_ledger where digest is not null"))
        .containsExactly("two");
  }
}
