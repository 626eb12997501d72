package io.millrace.sinks.jdbc;

import static io.millrace.sinks.testing.Batches.APPEND;
import static io.millrace.sinks.testing.Batches.UPSERT;
import static io.millrace.sinks.testing.Batches.sql;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Writing;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LocalPostgres;
import io.millrace.engine.testing.Relay;
import io.millrace.sinks.pool.DatabaseException;
import io.millrace.sinks.pool.JdbcPool;
import io.millrace.sinks.pool.Pools;
import io.millrace.sinks.testing.Batches;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the sink says, and what the table has, where a real PostgreSQL does not play along. */
class JdbcFaultTest {
  private static final LocalPostgres DATABASE =
      LocalPostgres.shared().createDatabase("faults" + System.nanoTime());

  private static Given given(String table) {
    return Given.table(DATABASE, table);
  }

  private final Identity who =
      new Identity("shop", "billing", "q", UUID.nameUUIDFromBytes(new byte[] {1}));

  private Identity named(String sink) {
    return new Identity(who.job(), sink, who.query(), who.queryId());
  }

  // Who and where

  @Test
  void namesTheUserWhoseLoginIsRefused() throws IOException {
    Path folder = Folders.temporary("login");
    Path right = Files.writeString(folder.resolve("right"), "deep-wat3r");
    Path wrong = Files.writeString(folder.resolve("wrong"), "deep-wat3r8");
    LocalPostgres own = DATABASE.createDatabase("login" + System.nanoTime());
    own.createUser("locked", "deep-wat3r");
    Given given = given("t").at(own.url());
    assertThatThrownBy(() -> start(given.as("locked", wrong)))
        .isInstanceOf(DatabaseException.class)
        .hasMessage(
            "Cannot log in to %s as locked. Check user and password: FATAL: password authentication"
                + " failed for user \"locked\"",
            own.url())
        .satisfies(e -> assertThat(trace(e)).doesNotContain("deep-wat3r"));
    assertThatThrownBy(() -> start(given.as("locked", right)))
        .hasMessage(
            "Cannot write to the table t in %s: permission denied for schema public. Grant it to"
                + " the user locked",
            own.url());
    start(given);
    assertThatThrownBy(() -> start(given.as("locked", right)))
        .hasMessage(
            "Cannot write to the table t in %s: permission denied for table millrace_ledger. Grant"
                + " it to the user locked",
            own.url());
  }

  @Test
  void namesAHostAndADatabaseThatAreNotThere() {
    long begun = System.nanoTime();
    assertThatThrownBy(() -> start(given("t").at("jdbc:postgresql://no-such-host.invalid/x")))
        .hasMessage(
            "Cannot reach jdbc:postgresql://no-such-host.invalid/x. Check host, port and that the"
                + " database runs: The connection attempt failed. There is no host"
                + " no-such-host.invalid");
    String elsewhere = DATABASE.url().replaceFirst("/[^/]*$", "/nowhere");
    assertThatThrownBy(() -> start(given("t").at(elsewhere)))
        .hasMessage(
            "Cannot find the database of %s. Check its name in the URL: FATAL: database \"nowhere\""
                + " does not exist",
            elsewhere);
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(30));
  }

  // Tables

  @Test
  void namesATableThatItMayNotCreate() {
    assertThatThrownBy(() -> start(given("nowhere").never()))
        .hasMessage(
            "Cannot find the table nowhere in %s. Create it, or use create: if-missing",
            DATABASE.url());
    assertThatThrownBy(() -> start(given("nowhere.orders")))
        .hasMessage(
            "Cannot write to the table nowhere.orders in %s: schema \"nowhere\" does not exist."
                + " Create the schema before",
            DATABASE.url());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Orders | \"Orders\"",
        "all orders | \"all orders\"",
        "Sales.Orders | \"Sales\".\"Orders\"",
        "sales.all orders | \"Sales\".\"all orders\"",
        "\"a.b\" | \"a.b\"",
        "Sales.\"5\"\" disks\" | \"Sales\".\"5\"\" disks\"",
      })
  void writesIntoTheTableThatAPersonNames(String name, String quoted) throws SQLException {
    DATABASE.execute("create schema if not exists \"Sales\"");
    for (Given given : List.of(given(name), given(name).keys("id"))) {
      DATABASE.execute(
          "drop table if exists " + quoted, "create table " + quoted + " (id int primary key)");
      DATABASE.execute("drop table if exists \"Sales\".millrace_ledger, millrace_ledger");
      Writing how = given.settings().keys().isEmpty() ? APPEND : UPSERT;
      Batches.run(
          given.never().sink(),
          who,
          how,
          0,
          sql("select id from range(3)").selectExpr("cast(id as int)"));
      assertThat(DATABASE.read("select count(*) from " + quoted)).containsExactly("3");
    }
    DATABASE.execute("drop table " + quoted);
    write(given(name.replace("sales", "Sales")), named(name), 0, sql("select 1 id"));
    assertThat(DATABASE.read("select count(*) from " + quoted)).containsExactly("1");
  }

  @ParameterizedTest
  @CsvSource({"a.b.c", "a\"b", "\"a", "a..b", "'a.'", "' '"})
  void refusesANameThatIsNone(String name) {
    assertThatThrownBy(() -> given(name).sink())
        .hasMessageStartingWith("Expected a table or schema.table, a part with a dot or a quote")
        .hasMessageEndingWith("found " + name);
  }

  @Test
  void namesEveryColumnThatDoesNotFit() {
    DATABASE.execute("create table narrow (id int, name text, born date, must int not null)");
    assertThatThrownBy(() -> start(given("narrow"), sql("select 1 id, 2 name, 3 more").schema()))
        .hasMessage(
            "Cannot store name (INT) in the column name of type text. Missing column more in the"
                + " table public.narrow, which has id, name, born, must. Add it, or name another"
                + " table");
    assertThatThrownBy(() -> start(given("narrow"), sql("select 1 id").schema()))
        .hasMessage(
            "Missing column must in the stream: the table public.narrow takes no NULL for it and"
                + " has no default");
  }

  // Pool, locks and time

  @Test
  void namesThePoolWhenAllOfItIsLent() {
    Given given = given("lent").connections(1).property("ApplicationName", "lent");
    JdbcPool pool = Pools.jdbc(given.sink().settings().database());
    pool.borrow(
        held -> {
          long begun = System.nanoTime();
          assertThatThrownBy(() -> start(given))
              .hasMessage(
                  "Cannot get a connection to %s within 2000 ms: all 1 are lent. Raise connections"
                      + " or patience, or return connections sooner",
                  DATABASE.url());
          assertThat(Duration.ofNanos(System.nanoTime() - begun))
              .isBetween(Duration.ofSeconds(2), Duration.ofSeconds(10));
          return held;
        });
    write(given, named("lent"), 0, sql("select 1 n"));
    assertThat(DATABASE.read("select n from lent")).containsExactly("1");
  }

  @Test
  void waitsForALockAsLongAsItMay() throws SQLException {
    DATABASE.execute("create table guarded (id int primary key)");
    Dataset<Row> rows = sql("select cast(id as int) id from range(10)");
    Given given = given("guarded").locks(Duration.ofMillis(700));
    String sentence =
        "Cannot write to the table guarded in %s: canceling statement due to lock timeout. Another"
            + " transaction holds a lock on it. End that one, or raise lock-timeout, which is 700"
            + " ms";
    try (Connection other = DATABASE.connection()) {
      other.setAutoCommit(false);
      other.createStatement().execute("lock table guarded in access exclusive mode");
      assertThatThrownBy(() -> write(given, named("guarded"), 0, rows))
          .hasStackTraceContaining(sentence.formatted(DATABASE.url()));
      assertThatThrownBy(
              () -> Batches.run(given.keys("id").sink(), named("keyed"), UPSERT, 0, rows))
          .hasMessage(sentence, DATABASE.url());
      other.rollback();
    }
    write(given, named("guarded"), 0, rows);
    assertThat(DATABASE.read("select count(*) from guarded")).containsExactly("10");
  }

  @Test
  void waitsForTheLedgerAsLongAsItMay() throws SQLException {
    Given given = given("fenced").locks(Duration.ofMillis(700));
    write(given, named("fenced"), 0, sql("select 1 n"));
    try (Connection other = DATABASE.connection()) {
      other.setAutoCommit(false);
      other.createStatement().execute("select * from millrace_ledger for update");
      assertThatThrownBy(() -> start(given, named("fenced"), sql("select 1 n").schema()))
          .hasMessageContaining("raise lock-timeout, which is 700 ms");
    }
  }

  @Test
  void runsAStatementAsLongAsItMay() {
    DATABASE.execute(
        "create table slow (id int primary key)",
        "create function dawdle() returns trigger language plpgsql as 'begin perform pg_sleep(20);"
            + " return new; end'",
        "create trigger dawdles before insert on slow for each row execute function dawdle()");
    Given given = given("slow").keys("id").runs(Duration.ofMillis(500));
    assertThatThrownBy(
            () -> Batches.run(given.sink(), named("slow"), UPSERT, 0, sql("select 1 id")))
        .hasMessage(
            "Cannot write to the table slow in %s: canceling statement due to statement timeout."
                + " Raise statement-timeout, which is 500 ms",
            DATABASE.url());
    DATABASE.execute("drop trigger dawdles on slow");
    Batches.run(given.sink(), named("slow"), UPSERT, 0, sql("select 1 id"));
    assertThat(DATABASE.read("select id from slow")).containsExactly("1");
  }

  // Values

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "text        | 'a\\u0000b' | Cannot write the column v: Cannot store a text with a NUL"
            + " character. Remove it before, for example with replace",
        "smallint    | 40000      | Cannot write the column v: Cannot store 40000 as smallint",
        "uuid        | 'no-uuid'  | Cannot write the column v: Cannot store no-uuid as uuid",
        "numeric(3,1) | 100.5BD    | $: numeric field overflow, A field with precision 3, scale 1"
            + " must round to an absolute value less than 10^2, column v, row 2 of the batch. Cast"
            + " or filter the value before, or widen the column",
        "varchar(3)  | 'four'     | $: value too long for type character varying(3), column v, row"
            + " 2 of the batch. Cut the value before, or widen the column",
        "jsonb       | '{\"a\":\"\\\\u0000\"}' | $: unsupported Unicode escape sequence, \\u0000"
            + " cannot be converted to text, column v, row 2 of the batch. Cast or replace the"
            + " value before",
        "jsonb       | '{'        | $: invalid input syntax for type json, The input string ended"
            + " unexpectedly, column v, row 2 of the batch. Cast or replace the value before",
        "int not null | cast(null as int) | $: null value in column \"v\" of relation \"@\""
            + " violates not-null constraint, Failing row contains (0, null), row 1 of the batch."
            + " Take such rows out before, for example by validate",
        "int check (v < 5) | 6     | $: new row for relation \"@\" violates check constraint"
            + " \"@_v_check\", Failing row contains (1, 6), row 2 of the batch. Take such rows out"
            + " before, for example by validate",
      })
  void namesTheValueThatTheDatabaseRefuses(String type, String value, String sentence) {
    String table = "value" + System.nanoTime();
    DATABASE.execute("create table " + table + " (id int, v " + type + ")");
    Dataset<Row> rows =
        sql("select id, v from (select 0 id, if(true, null, %1$s) v union all select 1, %1$s) order by id"
                .formatted(value))
            .coalesce(1);
    String expected =
        sentence
            .replace("$", "Cannot write to the table " + table + " in " + DATABASE.url())
            .replace("@", table);
    assertThatThrownBy(() -> write(given(table), named(table), 0, rows))
        .satisfies(e -> assertThat(messages(e)).contains(expected));
    assertThat(DATABASE.read("select count(*) from " + table)).containsExactly("0");
    write(given(table), named(table), 0, rows.limit(0));
    assertThat(DATABASE.read("select last_batch from millrace_ledger where sink = '" + table + "'"))
        .containsExactly("0");
  }

  @Test
  void tellsOfTheFirstFailureOfManyTasksAndNotOfThoseThatFollow() {
    DATABASE.execute("create table crowd (id bigint, pad text, v varchar(3))");
    Dataset<Row> rows =
        sql(
            "select id, repeat('x', 500) pad, if(id % 600 = 7, 'four', 'ok') v"
                + " from range(0, 4800, 1, 8)");
    for (int round = 0; round < 10; round++) {
      assertThatThrownBy(() -> write(given("crowd"), named("crowd"), 0, rows))
          .satisfies(
              e -> assertThat(messages(e)).anyMatch(text -> text.contains("value too long")));
    }
    assertThat(DATABASE.read("select count(*) from crowd")).containsExactly("0");
  }

  // Connections that break

  @Test
  void losesNothingWhenAConnectionBreaksWithinABatch() {
    Given given = given("broken").property("ApplicationName", "broken");
    Dataset<Row> rows = sql("select id from range(0, 1000, 1, 1)");
    write(given, named("broken"), 0, rows);
    JdbcSink sink = given.sink();
    try (Fence<JdbcReceipt> fence = sink.start(named("broken"), APPEND, rows.schema())) {
      fence.begin(1);
      DATABASE.execute(
          "select pg_terminate_backend(pid) from pg_stat_activity where application_name ="
              + " 'broken'");
      assertThatThrownBy(() -> Batches.tasks(sink, named("broken"), APPEND, 1, rows))
          .satisfies(
              e ->
                  assertThat(messages(e))
                      .anyMatch(
                          message ->
                              message.startsWith("Cannot write to the table broken in ")
                                  && message.endsWith(
                                      "When it is back, start the job again: the ledger knows"
                                          + " whether the batch is there")));
      fence.abort(1);
    }
    assertThat(DATABASE.read("select count(*) from broken")).containsExactly("1000");
    write(given, named("broken"), 1, rows);
    assertThat(DATABASE.read("select count(*) from broken")).containsExactly("2000");
  }

  @Test
  void asksTheLedgerWhereTheAnswerToACommitIsLost() {
    URI address = URI.create(DATABASE.url().substring("jdbc:".length()));
    try (Relay relay = Relay.to(address.getPort())) {
      Given given =
          given("unknown_outcome")
              .at(DATABASE.url().replace(":" + address.getPort(), ":" + relay.port()));
      Dataset<Row> rows = sql("select id from range(0, 1000, 1, 2)");
      write(given, named("outcome"), 0, rows);
      relay.loseTheAnswerTo("set \"last_batch\" = ", "");
      assertThatThrownBy(() -> write(given, named("outcome"), 1, rows))
          .hasMessageStartingWith("Cannot write to the table unknown_outcome in ")
          .hasMessageEndingWith(
              "When it is back, start the job again: the ledger knows whether the batch is there");
      assertThat(relay.lost()).isTrue();
      assertThat(DATABASE.read("select count(*) from unknown_outcome")).containsExactly("2000");

      assertThat(Batches.run(given.sink(), named("outcome"), APPEND, 1, rows)).isEmpty();
      write(given, named("outcome"), 2, rows);
    }
    assertThat(DATABASE.read("select count(*) from unknown_outcome")).containsExactly("3000");
  }

  private void start(Given given) {
    start(given, sql("select 1 n").schema());
  }

  private void start(Given given, StructType rows) {
    start(given, who, rows);
  }

  private static void start(Given given, Identity who, StructType rows) {
    given.sink().start(who, APPEND, rows).close();
  }

  private static void write(Given given, Identity who, long batch, Dataset<Row> rows) {
    Batches.run(given.sink(), who, APPEND, batch, rows);
  }

  private static List<String> messages(Throwable failure) {
    List<String> all = new ArrayList<>();
    for (Throwable at = failure; at != null; at = at.getCause()) {
      all.add(String.valueOf(at.getMessage()));
    }
    return all;
  }

  private static String trace(Throwable failure) {
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text));
    return text.toString();
  }
}
