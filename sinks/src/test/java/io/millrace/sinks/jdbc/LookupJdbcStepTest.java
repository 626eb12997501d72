package io.millrace.sinks.jdbc;

import static io.millrace.sinks.testing.Batches.sql;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Planned;
import io.millrace.engine.testing.LocalDatabase;
import io.millrace.engine.testing.LocalMariaDb;
import io.millrace.engine.testing.LocalPostgres;
import io.millrace.engine.testing.Relay;
import io.millrace.engine.testing.Sessions;
import io.millrace.sinks.jdbc.LookupJdbcStep.Cache;
import io.millrace.sinks.jdbc.LookupJdbcStep.Missing;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.classic.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource
class LookupJdbcStepTest {
  private static final LocalPostgres POSTGRES =
      LocalPostgres.shared().createDatabase("lookup" + System.nanoTime());
  private static final LocalMariaDb MARIA =
      LocalMariaDb.shared().createDatabase("lookup" + System.nanoTime());
  private static final String ORDERS =
      "select * from values ('o1', 'ada'), ('o2', 'zoe'), ('o3', null) as t(id, customer)";

  private final Server server;
  private String url;
  private Missing missing = Missing.KEEP;
  private Optional<Cache> cache = Optional.empty();
  private int batch = 500;
  private Duration retry = Duration.ZERO;

  LookupJdbcStepTest(Server server) {
    this.server = server;
    this.url = server.url;
  }

  /** A real database of each kind, with the same rows. */
  @SuppressWarnings("ImmutableEnumChecker") // of databases
  enum Server {
    POSTGRESQL(
        POSTGRES,
        POSTGRES.url(),
        POSTGRES.user(),
        "n numeric(10, 4), d date, t timestamptz, b boolean, i smallint, name text, raw bytea, f"
            + " real, l bigint, plain timestamp",
        "1.50, '2026-01-02', '2026-01-02 03:04:05.000006+00', true, 7, 'a', '\\x01', 1.5, 9,"
            + " '2026-01-02 03:04:05'",
        "select g as n, statement_timestamp() as asked from generate_series(0, 999) g",
        "pg_sleep(20)::text"),
    MARIADB(
        MARIA,
        MARIA.url(),
        MARIA.user(),
        "n numeric(10, 4), d date, t timestamp(6), b boolean, i smallint, name text, raw blob, f"
            + " float, l bigint, plain datetime",
        "1.50, '2026-01-02', '2026-01-02 03:04:05.000006', true, 7, 'a', x'01', 1.5, 9,"
            + " '2026-01-02 03:04:05'",
        "select seq as n, now(6) as asked from seq_0_to_999",
        "sleep(20)");

    private final LocalDatabase database;
    private final String url;
    private final String user;

    /** A query with a thousand numbers and the time of the question. */
    private final String numbers;

    /** An expression that takes its time. */
    private final String slow;

    Server(
        LocalDatabase database,
        String url,
        String user,
        String kinds,
        String ofEach,
        String numbers,
        String slow) {
      this.database = database;
      this.url = url;
      this.user = user;
      this.numbers = numbers;
      this.slow = slow;
      database.execute(
          "create table customers (customer text, country text, tier int)",
          "insert into customers values ('ada', 'uk', 1), ('eve', 'fr', null), ('max', 'de', 3)",
          "create table twice (customer text, country text)",
          "insert into twice values ('ada', 'uk'), ('ada', 'us')",
          "create table alike (customer text, country text)",
          "insert into alike values ('Ada', 'de'), ('ada ', 'fr'), ('\u00e1d\u00e1', 'hu')",
          "create table kinds (" + kinds + ")",
          "insert into kinds values (" + ofEach + ")");
    }
  }

  private LookupJdbcStep step(Optional<String> table, String query, List<String> on, String taken) {
    return new LookupJdbcStep(
        new LookupJdbcStep.Settings(
            url,
            Optional.of(server.user),
            Optional.empty(),
            table,
            table.isPresent() ? Optional.empty() : Optional.of(query),
            on,
            taken,
            missing,
            cache,
            batch,
            2,
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            retry,
            Optional.empty(),
            Map.of()),
        "rich");
  }

  private LookupJdbcStep of(String table) {
    return step(Optional.of(table), "", List.of("customer"), "country string");
  }

  private static Dataset<Row> found(LookupJdbcStep step, String rows) {
    Planned.Input in = new Planned.Input("in", sql(rows).queryExecution().analyzed());
    return org.apache.spark.sql.classic.Dataset.ofRows(
        (SparkSession) Sessions.spark(), step.plan(List.of(in)));
  }

  private static List<String> texts(LookupJdbcStep step, String rows) {
    return found(step, rows).collectAsList().stream().map(Row::toString).toList();
  }

  @Test
  void addsWhatTheTableKnowsAndKeepsTheOtherRows() {
    assertThat(texts(of("customers"), ORDERS))
        .containsExactly("[o1,ada,uk]", "[o2,zoe,null]", "[o3,null,null]");
  }

  @Test
  void leavesOutWhatTheTableDoesNotKnow() {
    missing = Missing.DROP;
    assertThat(texts(of("customers"), ORDERS)).containsExactly("[o1,ada,uk]");
  }

  @Test
  void makesALetterOfWhatTheTableDoesNotKnow() {
    missing = Missing.DEAD_LETTER;
    Dataset<Row> rows = found(of("customers"), ORDERS);

    assertThat(rows.columns()).containsExactly("id", "customer", "_dead", "country");
    assertThat(rows.where("_dead is null").collectAsList()).hasSize(1);
    assertThat(rows.selectExpr("id", "_dead.step", "_dead.rule", "_dead.reason").collectAsList())
        .extracting(Row::toString)
        .contains("[o2,rich,missing,Cannot find customer zoe in customers]");
    assertThat(of("customers").tags()).isTrue();
  }

  @Test
  void aLetterOfBeforePassesUntouched() {
    missing = Missing.FAIL;
    String dead =
        "select 'o9' as id, 'zoe' as customer, named_struct('source', 's', 'step', 's', 'rule',"
            + " 'decode', 'reason', 'r') as _dead";

    assertThat(texts(of("customers"), dead)).containsExactly("[o9,zoe,[s,s,decode,r],null]");
  }

  @Test
  void stopsWhereARowMustBeKnown() {
    missing = Missing.FAIL;
    assertThatThrownBy(() -> texts(of("customers"), ORDERS))
        .hasMessageContaining(
            "Cannot find customer zoe in customers. Add the row, or write missing: keep, drop or"
                + " dead-letter");
  }

  @Test
  void aKeyWithTwoRowsGivesTwo() {
    assertThat(texts(of("twice"), ORDERS))
        .containsExactly("[o1,ada,uk]", "[o1,ada,us]", "[o2,zoe,null]", "[o3,null,null]");
  }

  /** Whatever the database calls equal. */
  @Test
  void aKeyIsFoundWhereSparkCallsItEqual() {
    assertThat(texts(of("alike"), ORDERS))
        .containsExactly("[o1,ada,null]", "[o2,zoe,null]", "[o3,null,null]");
    assertThat(texts(of("alike"), "select 'o4' as id, 'Ada' as customer"))
        .containsExactly("[o4,Ada,de]");
  }

  @Test
  void asksForManyKeysAtOnce() {
    batch = 100;
    LookupJdbcStep step = step(Optional.empty(), server.numbers, List.of("n"), "asked timestamp");
    List<Row> rows = found(step, "select id % 1000 as n from range(0, 3000, 1, 1)").collectAsList();

    assertThat(rows).hasSize(3000);
    assertThat(rows.stream().map(row -> row.getTimestamp(1)).distinct()).hasSize(30);
    assertThat(rows).extracting(row -> row.getLong(0)).startsWith(0L, 1L, 2L).endsWith(998L, 999L);
  }

  @Test
  void findsRowsByAllTypesOfKeys() {
    for (String key :
        List.of(
            "n~1.5bd as n",
            "d~date'2026-01-02' as d",
            "t~timestamp'2026-01-02 03:04:05.000006' as t",
            "b~true as b",
            "i~7 as i",
            "l~cast(9 as tinyint) as l")) {
      String[] parts = key.split("~", 2);
      LookupJdbcStep step =
          step(Optional.of("kinds"), "", List.of(parts[0]), "name string, raw binary");
      assertThat(found(step, "select " + parts[1]).select("name").collectAsList())
          .as(key)
          .extracting(Row::toString)
          .containsExactly("[a]");
    }
  }

  @Test
  void takesColumnsOfAllTypesByTwoKeys() {
    LookupJdbcStep step =
        step(
            Optional.of("kinds"),
            "",
            List.of("name", "i"),
            "n decimal(10,4), d date, t timestamp, b boolean, f float, l bigint, plain"
                + " timestamp_ntz");

    assertThat(texts(step, "select 'a' as name, 7S as i union all select 'a', 8S"))
        .containsExactly(
            "[a,7,1.5000,2026-01-02,2026-01-02 03:04:05.000006,true,1.5,9,2026-01-02T03:04:05]",
            "[a,8,null,null,null,null,null,null,null]");
  }

  @Test
  void remembersAnswersForTheirTimeAndThatThereWasNone() {
    cache = Optional.of(new Cache(10, Duration.ofMinutes(10), Duration.ofMinutes(1)));
    server.database.execute("create table cached as select 'ada' as customer, 'uk' as country");
    assertThat(texts(of("cached"), ORDERS)).startsWith("[o1,ada,uk]", "[o2,zoe,null]");
    server.database.execute(
        "update cached set country = 'fr'", "insert into cached values ('zoe', 'de')");

    assertThat(texts(of("cached"), ORDERS)).startsWith("[o1,ada,uk]", "[o2,zoe,null]");
    cache = Optional.empty();
    assertThat(texts(of("cached"), ORDERS)).startsWith("[o1,ada,fr]", "[o2,zoe,de]");
  }

  @Test
  void triesAgainWhileTheDatabaseIsAway() {
    int port = URI.create(server.url.substring("jdbc:".length())).getPort();
    try (Relay relay = Relay.to(port)) {
      url = server.url.replace(":" + port, ":" + relay.port());
      assertThat(texts(of("customers"), ORDERS)).hasSize(3);

      relay.cutAtTheAnswerTo("customers");
      assertThatThrownBy(() -> texts(of("customers"), ORDERS))
          .hasMessageContaining("Cannot work in the database " + url)
          .hasMessageContaining("It was tried 1 times in 0s");
      assertThat(relay.lost()).isTrue();

      relay.restore();
      assertThat(texts(of("customers"), ORDERS)).hasSize(3);
      relay.cutAtTheAnswerTo("customers");
      retry = Duration.ofMinutes(1);
      Thread mender = new Thread(() -> restoreOnceLost(relay));
      mender.start();
      assertThat(texts(of("customers"), ORDERS)).hasSize(3);
      assertThat(relay.lost()).isTrue();
    }
  }

  private static void restoreOnceLost(Relay relay) {
    while (!relay.lost()) {
      Thread.onSpinWait();
    }
    relay.restore();
  }

  @Test
  void aColumnThatIsNotThereIsNoOutage() {
    retry = Duration.ofMinutes(1);
    LookupJdbcStep step = step(Optional.of("customers"), "", List.of("customer"), "county string");

    assertThatThrownBy(() -> texts(step, ORDERS))
        .hasMessageMatching("(?s).*(column \"county\" does not exist|Unknown column 'county').*");
  }

  @Test
  void aQueryThatTakesTooLongIsGivenUp() {
    LookupJdbcStep slow =
        step(
            Optional.empty(),
            "select customer, country, " + server.slow + " as s from customers",
            List.of("customer"),
            "s string");
    LookupJdbcStep.Settings all = slow.settings();
    LookupJdbcStep step =
        new LookupJdbcStep(
            new LookupJdbcStep.Settings(
                all.url(),
                all.user(),
                all.password(),
                all.table(),
                all.query(),
                all.on(),
                all.columns(),
                all.missing(),
                all.cache(),
                all.batch(),
                all.connections(),
                all.patience(),
                Duration.ofSeconds(1),
                all.retry(),
                all.truststore(),
                all.properties()),
            "rich");

    assertThatThrownBy(() -> texts(step, ORDERS))
        .hasMessageMatching(
            "(?s).*(canceling statement due to user request|max_statement_time exceeded).*");
  }

  @Test
  void refusesWhatCannotWork() {
    assertThatThrownBy(() -> step(Optional.of("t"), "", List.of(), "c string"))
        .hasMessage("Missing on. Write on: [key], columns that both have");
    assertThatThrownBy(() -> step(Optional.of("t"), "", List.of("a"), "a string"))
        .hasMessage("Cannot take a as well: the rows have it. Leave it out");
    assertThatThrownBy(() -> step(Optional.of("t"), "", List.of("a"), "b array<int>"))
        .hasMessage(
            "Cannot read the column b as ARRAY<INT> from a database. Cast it in a query, for"
                + " example to text, and take it as string");
    assertThatThrownBy(() -> texts(of("customers"), "select 1.5D as customer"))
        .hasMessage(
            "Cannot look up by the column customer of type DOUBLE. Cast it in a step above, for"
                + " example to string");
    assertThatThrownBy(() -> texts(of("customers"), "select 'a' as client"))
        .hasMessage("Unknown column customer in on. There are [client]");
    assertThatThrownBy(() -> texts(of("customers"), "select 'a' as customer, 'x' as country"))
        .hasMessage(
            "Cannot add the column country of customers: the rows have one of that name. Rename it"
                + " in a step above, or in a query");
    batch = 0;
    assertThatThrownBy(() -> of("t")).hasMessage("Expected a batch of 1 to 10000 keys, found 0");
  }
}
