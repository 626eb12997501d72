package io.millrace.tests.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.Builtin;
import io.millrace.engine.plan.Catalog;
import io.millrace.engine.run.JobFailedException;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LocalBroker;
import io.millrace.engine.testing.LocalPostgres;
import io.millrace.engine.testing.Sessions;
import io.millrace.sinks.SinksPlugin;
import io.millrace.tests.torture.PlantedSink.Bug;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The harness over sinks that are wrong on purpose: one that finds nothing proves nothing. What the
 * simulation can show in milliseconds, {@link io.millrace.tests.simulation.SimulationTest} does.
 */
class PlantedBugsTest {
  private static final String TABLE =
      """
      dead-letters: drop
      sinks:
        - name: rows_planted
          from: rows
          planted: {url: "${DB}", user: "${DB_USER}", table: "${JOB}_rows", bug: BUG}
          delivery: exactly-once
          trigger: ${TRIGGER}
      """;

  private static final String WARNING = "audit: warn\n" + TABLE;

  /** Rows of the table, and those that it refused: together, each row once. */
  private static final String REFUSING =
      """
      create table "${JOB}_rows" (part int, pos bigint, id bigint, k text, micros bigint,
        amount bigint check (amount % 5 <> 0));
      create table "${JOB}_dead" (job text, query text, batch bigint, time timestamptz, source text,
        step text, rule text, reason text, coordinates text, key bytea, raw bytea,
        attempt text, "row" text);
      create view "${JOB}_seen" as select part, pos, id, k, micros, amount from "${JOB}_rows"
        union all select part, pos, id, k, micros, amount from "${JOB}_dead",
          json_to_record("row"::json)
            as (part int, pos bigint, id bigint, k text, micros bigint, amount bigint)
        where "${JOB}_dead".step = 'rows_planted'
      """;

  private static final String DELTA =
      """
      dead-letters: drop
      sinks:
        - name: rows_planted
          from: rows
          planted-delta: {path: "${FOLDER}/rows", bug: BUG}
          delivery: exactly-once
          trigger: ${TRIGGER}
      """;

  private final String job = "p" + UUID.randomUUID().toString().substring(0, 8);

  @AfterEach
  void disarm() {
    PlantedSink.DIES_IN.set(-1);
  }

  /** The job's own account stops at most of these bugs: it only warns where the oracle is asked. */
  private Outcome replays(Bug bug, long diesIn) throws Exception {
    PlantedSink.DIES_IN.set(diesIn);
    return replays(bug == Bug.NONE ? TABLE : WARNING, bug);
  }

  private Outcome replays(String sink, Bug bug) throws Exception {
    Trial trial = trial(sink, bug);
    return replays(trial, new JdbcTable(trial, "rows_planted", Part.ROWS, "rows"));
  }

  private Outcome replays(PlantedDelta.Bug bug) throws Exception {
    Trial trial = trial(DELTA, bug);
    return replays(trial, new DeltaTable(trial.folder().resolve("rows"), "planted", Part.ROWS));
  }

  private Trial trial(String sink, Enum<?> bug) {
    LocalBroker.shared().createTopic(job, Workload.PARTITIONS);
    String word = bug.name().toLowerCase(Locale.ROOT).replace('_', '-');
    return new Trial(
        job,
        Mode.text("job") + sink.replace("BUG", word),
        Folders.temporary("planted"),
        LocalBroker.shared().servers(),
        LocalPostgres.shared().url(),
        LocalPostgres.shared().url(),
        LocalPostgres.shared().user());
  }

  private static Outcome replays(Trial trial, Table table) throws Exception {
    Catalog catalog =
        Catalog.of(
            List.of(
                new Builtin(),
                new SinksPlugin(),
                new PlantedSink.Kinds(),
                new PlantedDelta.Kinds()));
    return new Replays(Sessions.spark(), trial, List.of(table), catalog).run(7, 2, 900);
  }

  private static Account account(Outcome outcome) {
    return outcome.accounts().values().iterator().next();
  }

  @Test
  void aSoundSinkHoldsAlsoWhereItDies() throws Exception {
    Outcome outcome = replays(Bug.NONE, 1);

    assertThat(outcome.faults()).containsEntry("crash", 1).containsEntry("lost_commit", 3);
    assertThat(account(outcome).expected()).isGreaterThan(700);
    assertThat(outcome.holds()).as(outcome.toString()).isTrue();
  }

  /** What it would duplicate otherwise, the simulation shows. */
  @Test
  void aSinkThatForgetsItsLedgerIsStopped() {
    assertThatThrownBy(() -> replays(Bug.FORGETS_THE_LEDGER, -1))
        .isInstanceOf(JobFailedException.class)
        .hasMessageContaining("the sink went back in time. It has batches up to 0, this start");
  }

  @Test
  void aSinkThatCommitsBeforeAllTasksHaveEndedDuplicates() throws Exception {
    Account account = account(replays(Bug.COMMITS_EARLY, 1));

    assertThat(account.duplicated()).isPositive();
    assertThat(account.lost() + account.altered()).isZero();
  }

  @Test
  void aSinkThatForgetsTheEndOfAPartitionLoses() throws Exception {
    Account account = account(replays(Bug.LOSES_THE_LAST, -1));

    assertThat(account.lost()).isPositive();
    assertThat(account.duplicated() + account.altered()).isZero();
    assertThat(account.torn()).as("states with a part of a batch").isPositive();
  }

  @Test
  void aSinkWhoseRejectsOnlyItsProcessKnowsLosesThem() throws Exception {
    PlantedSink.DIES_IN.set(1);
    String dead = "{jdbc: {url: \"${DB}\", user: \"${DB_USER}\", table: \"${JOB}_dead\"}}";
    Trial trial = trial(TABLE.replace(": drop", ": " + dead), Bug.REJECTS_IN_MEMORY);
    try (Connection connection = LocalPostgres.shared().connection();
        Statement statement = connection.createStatement()) {
      statement.execute(REFUSING.replace("${JOB}", job));
    }

    Account account =
        account(replays(trial, new JdbcTable(trial, "rows_planted", Part.ROWS, "seen")));

    assertThat(account.lost()).isPositive();
    assertThat(account.duplicated() + account.altered()).isZero();
  }

  @Test
  void aSinkThatLosesARowIsStoppedByTheAccount() {
    assertThatThrownBy(() -> replays(TABLE, Bug.LOSES_THE_LAST))
        .isInstanceOf(JobFailedException.class)
        .hasMessageContaining("Cannot account for every row that query events read: rows_planted:");
  }

  @Test
  void aTableWhoseSettingsSilenceTheNextWriteLoses() throws Exception {
    Account account = account(replays(PlantedDelta.Bug.LEFTOVER_SETTINGS));

    assertThat(account.lost()).isPositive();
    assertThat(account.duplicated() + account.altered()).isZero();
  }

  @Test
  void aTableThatShowsAPartOfABatchIsSeenToDoSo() throws Exception {
    Account account = account(replays(PlantedDelta.Bug.TWO_COMMITS));

    assertThat(account.lost() + account.duplicated() + account.altered()).isZero();
    assertThat(account.torn()).isPositive();
  }
}
