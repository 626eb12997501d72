package io.millrace.tests.torture;

import io.millrace.engine.Builtin;
import io.millrace.engine.plan.Catalog;
import io.millrace.sinks.SinksPlugin;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;
import org.apache.spark.sql.SparkSession;

/**
 * The harness over sinks that are wrong on purpose, on a real database and a real table: a harness
 * that finds nothing proves nothing.
 */
final class PlantedBugs {
  private static final long SEED = 7;
  private static final int ROUNDS = 1;
  private static final long RECORDS = 550;

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

  /** Rows of the table, and those that it refused: together, each row once. */
  private static final String REFUSING =
      """
      create table "${JOB}_rows" (part int, pos bigint, id bigint, k text, micros bigint,
        amount bigint check (amount % 20 <> 0));
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

  private final SparkSession spark;
  private final Ground ground;

  /** Makes a trial of a name and a job file. */
  interface Ground {
    Trial trial(String name, String text) throws IOException;
  }

  PlantedBugs(SparkSession spark, Ground ground) {
    this.spark = spark;
    this.ground = ground;
  }

  /** A case, and what its account has to say. */
  private record Case(Attempt attempt, Predicate<Account> found) {}

  private interface Attempt {
    Outcome run() throws IOException, InterruptedException;
  }

  private Map<String, Case> cases() {
    Map<String, Case> cases = new LinkedHashMap<>();
    cases.put(
        "a sound sink that dies", new Case(() -> warned(PlantedSink.Bug.NONE, 1), Account::holds));
    cases.put(
        "commits before all tasks have ended",
        new Case(
            () -> warned(PlantedSink.Bug.COMMITS_EARLY, 1),
            account -> account.duplicated() > 0 && account.lost() + account.altered() == 0));
    cases.put(
        "forgets the end of a partition",
        new Case(
            () -> warned(PlantedSink.Bug.LOSES_THE_LAST, -1),
            account ->
                account.lost() > 0
                    && account.duplicated() + account.altered() == 0
                    && account.torn() > 0));
    cases.put(
        "M11 rejects that only its process knows",
        new Case(
            this::rejectsInMemory,
            account -> account.lost() > 0 && account.duplicated() + account.altered() == 0));
    cases.put(
        "M10 settings that silence the next write",
        new Case(
            () -> delta(PlantedDelta.Bug.LEFTOVER_SETTINGS),
            account -> account.lost() > 0 && account.duplicated() + account.altered() == 0));
    cases.put(
        "shows a part of a batch",
        new Case(
            () -> delta(PlantedDelta.Bug.TWO_COMMITS),
            account ->
                account.lost() + account.duplicated() + account.altered() == 0
                    && account.torn() > 0));
    return cases;
  }

  /** What was not found of the bugs that the job itself does not see; nothing, if all is well. */
  List<String> missed() throws IOException, InterruptedException {
    List<String> missed = new ArrayList<>();
    for (Map.Entry<String, Case> planted : cases().entrySet()) {
      Account account = account(planted.getValue().attempt().run());
      if (!planted.getValue().found().test(account)) {
        missed.add("The planted bug '%s' ended as %s".formatted(planted.getKey(), account));
      }
    }
    return missed;
  }

  /** How many there are. */
  int count() {
    return cases().size();
  }

  private static Account account(Outcome outcome) {
    return outcome.accounts().values().iterator().next();
  }

  /** The job's own account would stop at most of these bugs: it only warns here. */
  private Outcome warned(PlantedSink.Bug bug, long diesIn)
      throws IOException, InterruptedException {
    return table("audit: warn\n" + TABLE, bug, diesIn);
  }

  /** A job that heeds its own account. */
  Outcome strict(PlantedSink.Bug bug) throws IOException, InterruptedException {
    return table(TABLE, bug, -1);
  }

  private Outcome table(String sink, PlantedSink.Bug bug, long diesIn)
      throws IOException, InterruptedException {
    Trial trial = trial(sink, bug);
    return replays(
        trial, new JdbcTable(trial, "rows_planted", Part.ROWS, Part.ROWS.word()), diesIn);
  }

  private Outcome delta(PlantedDelta.Bug bug) throws IOException, InterruptedException {
    Trial trial = trial(DELTA, bug);
    return replays(trial, new DeltaTable(trial.folder().resolve("rows"), "planted", Part.ROWS), -1);
  }

  private Outcome rejectsInMemory() throws IOException, InterruptedException {
    String dead = "{jdbc: {url: \"${DB}\", user: \"${DB_USER}\", table: \"${JOB}_dead\"}}";
    Trial trial = trial(TABLE.replace(": drop", ": " + dead), PlantedSink.Bug.REJECTS_IN_MEMORY);
    trial.execute(REFUSING.replace("${JOB}", trial.job()));
    return replays(trial, new JdbcTable(trial, "rows_planted", Part.ROWS, "seen"), 1);
  }

  private Trial trial(String sink, Enum<?> bug) throws IOException {
    String word = bug.name().toLowerCase(Locale.ROOT).replace('_', '-');
    return ground.trial(
        "p" + UUID.randomUUID().toString().substring(0, 8),
        Mode.text("job") + sink.replace("BUG", word));
  }

  /** The process dies in the commit of a batch; not if that is -1. */
  private Outcome replays(Trial trial, Table table, long diesIn)
      throws IOException, InterruptedException {
    Catalog catalog =
        Catalog.of(
            List.of(
                new Builtin(),
                new SinksPlugin(),
                new PlantedSink.Kinds(),
                new PlantedDelta.Kinds()));
    PlantedSink.DIES_IN.set(diesIn);
    try {
      return new Replays(spark, trial, List.of(table), catalog).run(SEED, ROUNDS, RECORDS);
    } finally {
      PlantedSink.DIES_IN.set(-1);
    }
  }
}
