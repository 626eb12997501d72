package io.millrace.sinks.jdbc;

import static io.millrace.sinks.testing.Batches.APPEND;
import static io.millrace.sinks.testing.Batches.UPSERT;
import static io.millrace.sinks.testing.Batches.sql;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Limit;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.Reject;
import io.millrace.engine.spi.RowFaults;
import io.millrace.engine.spi.Write;
import io.millrace.engine.spi.Writing;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LocalDatabase;
import io.millrace.engine.testing.LocalMariaDb;
import io.millrace.engine.testing.Sessions;
import io.millrace.sinks.pool.DatabaseException;
import io.millrace.sinks.pool.Pools;
import io.millrace.sinks.testing.Batches;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** What is MariaDB's own; the rest is in the tests that run over all dialects. */
class JdbcMariaDbTest {
  private static final LocalMariaDb DATABASE = LocalMariaDb.shared();
  private static final Writing LETTERS =
      new Writing(Mode.APPEND, Write.APPEND, RowFaults.LETTER, Limit.NONE);

  private final String name = "t" + UUID.randomUUID().toString().replace("-", "");
  private final Identity who = new Identity("shop", name, "q", UUID.randomUUID());

  private Given given() {
    return Given.table(DATABASE, name);
  }

  private List<Reject> letters(Given given, Writing how, Dataset<Row> rows) {
    JdbcSink sink = given.sink();
    try (Fence<JdbcReceipt> fence = sink.start(who, how, rows.schema())) {
      fence.begin(0);
      fence.commit(0, Batches.tasks(sink, who, how, 0, rows));
      return fence.rejects(0);
    }
  }

  @Test
  void storesTheExtremesOfEveryTypeAndReadsThemBack() {
    Dataset<Row> rows =
        sql(
            "select true a, -128Y b, 32767S c, -2147483648 d, -9223372036854775808L e,"
                + " 1.17549435e-38f f, -1.7976931348623157e308d g,"
                + " 99999999999999999999999999999999999999BD h,"
                + " -0.00000000000000000000000000000000000001BD i, 'äß€😀\\'\"\\\\' j, X'00ff' k,"
                + " date '0001-01-01' l, date '9999-12-31' m, timestamp '9999-12-31"
                + " 23:59:59.999999Z' n, timestamp '0001-01-01 00:00:00Z' o, timestamp_ntz"
                + " '1969-12-31 23:59:59.5' p, array(1, null, 3) q, named_struct('x', 1, 'y', 'z')"
                + " r, cast(null as string) s, '' t");
    assertThat(Batches.run(given().sink(), who, APPEND, 0, rows)).hasSize(1);
    assertThat(
            DATABASE.read(
                "select a, b, c, d, e, f > 1.17e-38 and f < 1.18e-38, g, h, i, j, hex(k), l, m, n,"
                    + " o, p, q, r, s, t from "
                    + name))
        .containsExactly(
            "1|-128|32767|-2147483648|-9223372036854775808|1|-1.7976931348623157e308"
                + "|99999999999999999999999999999999999999|-0.00000000000000000000000000000000000001|äß€😀'\"\\|00FF|0001-01-01|9999-12-31|9999-12-31"
                + " 23:59:59.999999|0001-01-01 00:00:00.000000|1969-12-31 23:59:59.500000"
                + "|[1,null,3]|{\"x\":1,\"y\":\"z\"}|null|");
    assertThat(
            given().sink().stored(Sessions.spark(), rows.schema()).orElseThrow().select("e", "j"))
        .satisfies(
            stored ->
                assertThat(stored.collectAsList())
                    .containsExactly(
                        org.apache.spark.sql.RowFactory.create(Long.MIN_VALUE, "äß€😀'\"\\")));
  }

  @Test
  void leavesOutRowsByWhatTheyBreakAndCutsNone() {
    DATABASE.execute(
        "create table parent (id int primary key) engine=InnoDB", "insert into parent values (1)");
    DATABASE.execute(
        "create table %s (id int primary key, s varchar(3), n tinyint, p int, d double not null, e enum('x','y'),"
                .formatted(name)
            + " foreign key (p) references parent (id), check (n <> 13)) engine=InnoDB");
    Dataset<Row> rows =
        sql("select * from values (1, 'abc', 1, 1, 1.5d, 'x'), (1, 'b', 1, 1, 1d, 'x'), (2, 'four',"
                + " 1, 1, 1d, 'x'), (3, 'c', 200, 1, 1d, 'x'), (4, 'd', 13, 1, 1d, 'x'), (5, 'e',"
                + " 1, 9, 1d, 'x'), (6, 'f', 1, 1, null, 'x'), (7, 'g', 1, 1, double('NaN'), 'x'),"
                + " (8, 'h', 1, 1, 1d, 'z'), (9, 'i', 1, 1, 2d, 'y') as t(id, s, n, p, d, e)")
            .coalesce(1);
    List<Reject> rejects = letters(given(), LETTERS, rows);
    assertThat(rejects)
        .extracting(reject -> reject.rule() + " " + reject.row().substring(6, 7))
        .containsExactlyInAnyOrder(
            "unique_violation_23505 1",
            "string_data_right_truncation_22001 2",
            "numeric_value_out_of_range_22003 3",
            "check_violation_23514 4",
            "foreign_key_violation_23503 5",
            "not_null_violation_23502 6",
            "data_exception_22000 7",
            "invalid_text_representation_22P02 8");
    assertThat(DATABASE.read("select id, s from %s order by id".formatted(name)))
        .containsExactly("1|abc", "9|i");
  }

  @Test
  void takesTheRowOfTheKeyAndNotThatOfAnotherIndex() {
    DATABASE.execute(
        "create table %s (id int primary key, mail varchar(20) unique) engine=InnoDB"
            .formatted(name),
        "insert into %s values (1, 'a'), (2, 'b')".formatted(name));
    Writing how = new Writing(Mode.APPEND, Write.UPSERT, RowFaults.LETTER, Limit.NONE);
    List<Reject> rejects =
        letters(
            given().keys("id"),
            how,
            sql("select * from values (3, 'a'), (2, 'c') as t(id, mail)").coalesce(1));
    assertThat(rejects)
        .extracting(reject -> reject.rule() + reject.row())
        .containsExactly("unique_violation_23505{\"id\":3,\"mail\":\"a\"}");
    assertThat(DATABASE.read("select id, mail from %s order by id".formatted(name)))
        .containsExactly("1|a", "2|c");
  }

  @Test
  void tellsKeysApartAsTheTableDoes() {
    Dataset<Row> rows =
        sql("select * from values ('A', 1), ('a', 2), ('a ', 3) as t(k, v)").coalesce(1);
    Batches.run(given().keys("k").sink(), who, UPSERT, 0, rows);
    assertThat(DATABASE.read("select count(*) from " + name))
        .as("a table of ours")
        .containsExactly("3");

    String other = name + "_ci";
    DATABASE.execute(
        "create table %s (k varchar(9) primary key, v int) engine=InnoDB default character set utf8mb4 collate utf8mb4_general_ci"
            .formatted(other));
    Given ignoring = Given.table(DATABASE, other).keys("k");
    Batches.run(ignoring.sink(), new Identity("shop", other, "q", who.queryId()), UPSERT, 0, rows);
    assertThat(DATABASE.read("select v from " + other)).containsExactly("3");
  }

  @Test
  void refusesTablesThatRollNothingBack() {
    DATABASE.execute("create table %s (id bigint) engine=MyISAM".formatted(name));
    assertThatThrownBy(() -> Batches.run(given().sink(), who, APPEND, 0, sql("select 1L id")))
        .hasMessage(
            "Cannot write batches as a whole into the table millrace.%s of the engine MyISAM. Needs InnoDB: alter table \"millrace\".\"%s\" engine = InnoDB"
                .formatted(name, name));

    LocalMariaDb other = DATABASE.createDatabase("m" + System.nanoTime());
    Given given = Given.table(other, name);
    Batches.run(given.sink(), who, APPEND, 0, sql("select 1L id"));
    given
        .settings()
        .pool()
        .borrow(
            connection ->
                connection
                    .createStatement()
                    .execute("alter table millrace_ledger drop primary key, engine = MyISAM"));
    assertThatThrownBy(() -> Batches.run(given.sink(), who, APPEND, 1, sql("select 1L id")))
        .hasMessageContaining("millrace_ledger of the engine MyISAM");
  }

  @Test
  void waitsForLocksAndRunsAsLongAsItMay() throws SQLException {
    DATABASE.execute("create table %s (id bigint primary key) engine=InnoDB".formatted(name));
    Given given = given().locks(Duration.ofSeconds(1));
    try (Connection other = DATABASE.connection()) {
      other.setAutoCommit(false);
      other.createStatement().execute("insert into %s values (1)".formatted(name));
      assertThatThrownBy(() -> Batches.run(given.sink(), who, APPEND, 0, sql("select 1L id")))
          .hasStackTraceContaining(
              "Another transaction holds a lock on it. End that one, or raise lock-timeout, which"
                  + " is 1000 ms")
          .satisfies(e -> assertThat(passes(e)).isTrue());
      other.rollback();
    }
    DATABASE.execute(
        "create trigger dawdle_%1$s before insert on %1$s for each row set new.id = new.id + sleep(20)"
            .formatted(name));
    assertThatThrownBy(
            () ->
                Batches.run(
                    given.runs(Duration.ofMillis(300)).sink(), who, APPEND, 0, sql("select 1L id")))
        .hasStackTraceContaining("Raise statement-timeout, which is 300 ms");
  }

  private static boolean passes(Throwable failure) {
    for (Throwable next = failure; next != null; next = next.getCause()) {
      if (next instanceof DatabaseException known) {
        return known.passes();
      }
    }
    return false;
  }

  @Test
  void losesNothingWhenTheServerDiesWithinABatch() {
    LocalMariaDb server = LocalMariaDb.start(Folders.temporary("mariadb-kill"));
    try (server) {
      Given given = Given.table(server, "rows");
      JdbcSink sink = given.sink();
      Dataset<Row> rows = sql("select id from range(0, 2500, 1, 1)");
      Batches.run(sink, who, APPEND, 0, rows);
      try (Fence<JdbcReceipt> fence = sink.start(who, APPEND, rows.schema())) {
        fence.begin(1);
        List<JdbcReceipt> receipts = Batches.tasks(sink, who, APPEND, 1, rows);
        server.kill();
        assertThatThrownBy(() -> fence.commit(1, receipts))
            .isInstanceOf(DatabaseException.class)
            .hasMessageContaining("the ledger knows whether the batch is there")
            .satisfies(e -> assertThat(passes(e)).isTrue());
        fence.abort(1);
        server.restart();
        assertThat(fence.last()).isZero();
        fence.begin(1);
        fence.commit(1, Batches.tasks(sink, who, APPEND, 1, rows));
      }
      assertThat(
              Pools.jdbc(given.settings().database())
                  .<List<String>>borrow(
                      connection ->
                          LocalDatabase.rows(connection, "select count(*) from \"rows\"")))
          .containsExactly("5000");
    }
  }

  @Test
  void namesTheDriverThatIsMissing() throws SQLException {
    Driver driver = DriverManager.getDriver(DATABASE.url());
    DriverManager.deregisterDriver(driver);
    try {
      Given given = given().property("connectTimeout", "1234");
      assertThatThrownBy(() -> given.settings().pool())
          .hasMessage(
              "Cannot find a driver for %s. Bring it by --jars: the jar of org.mariadb.jdbc:mariadb-java-client"
                  .formatted(DATABASE.url()));
    } finally {
      DriverManager.registerDriver(driver);
    }
  }
}
