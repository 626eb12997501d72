package io.millrace.sinks.jdbc;

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
import io.millrace.sinks.testing.Batches;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What {@link JdbcChangesTest} shows of PostgreSQL, where rows are merged a chunk at a time. */
class JdbcMergeTest {
  private static final Writing UPSERT = writing(Write.UPSERT, RowFaults.STOP);
  private static final Writing MERGE = writing(Write.MERGE, RowFaults.STOP);

  private final String name = "t" + UUID.randomUUID().toString().replace("-", "");
  private final Identity who = new Identity("shop", name, "q", UUID.randomUUID());

  private static Writing writing(Write write, RowFaults faults) {
    return new Writing(Mode.APPEND, write, faults, Limit.NONE);
  }

  private Given given(Dialect dialect) {
    return Given.table(dialect, name).keys("id");
  }

  private Given replica(Dialect dialect) {
    return given(dialect).orderBy("seq").deleteWhen("op = 'd'").columns("id", "seq", "v");
  }

  /** Rows in one task, in this order: id, seq, op and v of each. */
  private static Dataset<Row> changes(String... rows) {
    String all =
        Stream.of(rows)
            .map(row -> row.split(" "))
            .map(row -> "(%sL, %s, '%s', %s)".formatted((Object[]) row))
            .reduce((one, other) -> one + ", " + other)
            .orElseThrow();
    return sql("select id, cast(seq as int) seq, nullif(op, '-') op, cast(v as int) v from values %s as t(id, seq, op, v)"
            .formatted(all))
        .coalesce(1);
  }

  private void run(Given given, Writing how, long batch, Dataset<Row> rows) {
    assertThat(Batches.run(given.sink(), who, how, batch, rows)).hasSize(1);
  }

  private static List<String> read(Given given, String query) {
    return given
        .settings()
        .pool()
        .borrow(
            connection -> {
              try (Statement statement = connection.createStatement();
                  ResultSet result = statement.executeQuery(query)) {
                List<String> rows = new ArrayList<>();
                while (result.next()) {
                  List<String> row = new ArrayList<>();
                  for (int at = 1; at <= result.getMetaData().getColumnCount(); at++) {
                    row.add(String.valueOf(result.getString(at)));
                  }
                  rows.add(String.join(" ", row));
                }
                return rows;
              }
            });
  }

  private static void execute(Given given, String sql) {
    given
        .settings()
        .pool()
        .borrow(
            connection -> {
              try (Statement statement = connection.createStatement()) {
                return statement.execute(sql);
              }
            });
  }

  private List<String> table(Given given) {
    return read(given, "select \"id\", \"seq\", \"v\" from \"%s\" order by \"id\"".formatted(name));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "POSTGRESQL")
  void keepsTheNewestRowOfAKeyInWhicheverOrderTheyCome(Dialect dialect) {
    Given given = given(dialect).orderBy("seq", "v").columns("id", "seq", "v");
    run(given, UPSERT, 0, changes("1 3 u 13", "1 2 u 12", "2 5 u 25", "3 1 u 32", "3 1 u 31"));
    assertThat(table(given)).containsExactly("1 3 13", "2 5 25", "3 1 32");
    run(given, UPSERT, 1, changes("1 1 u 99", "2 6 u 26", "2 4 u 24", "3 1 u 33"));
    assertThat(table(given)).containsExactly("1 3 13", "2 6 26", "3 1 33");

    execute(given, "update \"%s\" set \"seq\" = null where \"id\" < 3".formatted(name));
    run(given, UPSERT, 2, changes("1 0 u 5", "3 0 u 99"));
    assertThat(table(given))
        .as("a NULL is the oldest")
        .containsExactly("1 0 5", "2 null 26", "3 1 33");
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "POSTGRESQL")
  void deletesTheKeysOfMarkedRowsAndKeepsOlderRowsOut(Dialect dialect) {
    Given given = replica(dialect);
    run(given, MERGE, 0, changes("1 1 c 11", "2 1 c 21", "3 1 c 31", "4 1 c 41"));
    run(
        given,
        MERGE,
        1,
        changes("1 3 d null", "1 2 u 12", "2 2 u 22", "2 2 d null", "3 0 d null", "5 4 d null"));
    assertThat(table(given))
        .as("of equal rows the delete wins; an older delete changes nothing")
        .containsExactly("3 1 31", "4 1 41");
    String known = "select \"id\", \"seq\" from \"millrace_deletes_%s\" order by \"id\"";
    assertThat(read(given, known.formatted(name))).containsExactly("1 3", "2 2", "3 0", "5 4");

    run(given, MERGE, 2, changes("1 3 u 13", "2 3 u 23", "5 3 c 53", "4 2 u 42", "5 5 d null"));
    assertThat(table(given))
        .as("what is not newer than its delete stays out")
        .containsExactly("2 3 23", "3 1 31", "4 2 42");
    assertThat(read(given, known.formatted(name))).contains("5 5");
    assertThat(Batches.run(given.sink(), who, MERGE, 2, changes("4 9 d null"))).isEmpty();
    assertThat(table(given)).hasSize(3);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "POSTGRESQL")
  void deletesInTheOrderInWhichRowsComeWhereNothingElseTells(Dialect dialect) {
    Given given = given(dialect).deleteWhen("op = 'd'").columns("id", "seq", "v");
    run(given, MERGE, 0, changes("1 0 c 1", "2 0 c 2", "2 0 d 2", "3 0 d 3", "3 0 c 3"));
    assertThat(table(given)).containsExactly("1 0 1", "3 0 3");
    run(given, MERGE, 1, changes("1 0 d 1", "2 0 u 4"));
    assertThat(table(given)).containsExactly("2 0 4", "3 0 3");
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "POSTGRESQL")
  void keepsWhatIsThereAndCountsWhatCame(Dialect dialect) {
    Given given = given(dialect).keeping().columns("id", "seq", "v");
    JdbcSink sink = given.sink();
    Dataset<Row> first = changes("1 1 - 11", "1 2 - 12", "2 1 - 21");
    try (Fence<JdbcReceipt> fence = sink.start(who, UPSERT, first.schema())) {
      fence.begin(0);
      fence.commit(0, Batches.tasks(sink, who, UPSERT, 0, first));
      assertThat(fence.existing(0)).isEqualTo(1);
      fence.begin(1);
      fence.commit(
          1, Batches.tasks(sink, who, UPSERT, 1, changes("1 9 - 19", "3 1 - 31", "2 9 - 29")));
      assertThat(fence.existing(1)).isEqualTo(2);
    }
    assertThat(table(given)).containsExactly("1 1 11", "2 1 21", "3 1 31");
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "POSTGRESQL")
  void leavesOutChangesThatTheTableRefusesAndGivesAnEarlierRowItsTurn(Dialect dialect) {
    Given given = replica(dialect);
    execute(
        given,
        "create table \"%s\" (\"id\" bigint primary key, \"seq\" int, \"v\" int check (\"v\" <> 13))"
            .formatted(name));
    Writing how = writing(Write.MERGE, RowFaults.LETTER);
    JdbcSink sink = given.sink();
    Dataset<Row> rows =
        changes(
            "1 1 c 1", "2 1 c 2", "3 3 u 13", "3 2 u 30", "4 null u 5", "2 2 d null", "6 1 - 13");
    try (Fence<JdbcReceipt> fence = sink.start(who, how, rows.schema())) {
      fence.begin(0);
      fence.commit(0, Batches.tasks(sink, who, how, 0, rows));
      assertThat(fence.rejects(0))
          .extracting(Reject::row)
          .containsExactlyInAnyOrder(
              "{\"id\":3,\"seq\":3,\"op\":\"u\",\"v\":13}",
              "{\"id\":4,\"op\":\"u\",\"v\":5}",
              "{\"id\":6,\"seq\":1,\"v\":13}");
    }
    assertThat(table(given)).containsExactly("1 1 1", "3 2 30");
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "POSTGRESQL")
  void findsRowsByKeysOfSeveralColumnsOverManyChunks(Dialect dialect) {
    Given given = Given.table(dialect, name).keys("a", "b");
    Dataset<Row> rows =
        sql(
            "select id % 50 a, concat('k', cast(id % 21 as string)) b, id v from range(0, 4000, 1,"
                + " 2)");
    List<JdbcReceipt> receipts = Batches.run(given.sink(), who, UPSERT, 0, rows);
    assertThat(receipts).hasSize(2);
    assertThat(read(given, "select count(*) from \"%s\"".formatted(name))).containsExactly("1050");
    Dataset<Row> keysAlone = sql("select 1L a, 'k1' b union all select 77L, 'k77'").coalesce(1);
    Identity again = new Identity("shop", name + "b", "q", UUID.randomUUID());
    assertThat(Batches.run(given.sink(), again, UPSERT, 0, keysAlone)).hasSize(1);
    assertThat(read(given, "select count(*) from \"%s\"".formatted(name))).containsExactly("1051");
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"POSTGRESQL", "H2"})
  void needsAUniqueIndexOverTheKeys(Dialect dialect) {
    Given given = given(dialect);
    execute(given, "create table \"%s\" (\"id\" bigint, \"v\" bigint)".formatted(name));
    assertThatThrownBy(() -> run(given, UPSERT, 0, sql("select 1L id, 2L v")))
        .hasMessageStartingWith(
            "Cannot upsert into %s by id. Needs a primary key or unique index over exactly these columns: "
                .formatted(dialect == Dialect.MARIADB ? "millrace." + name : name));
  }
}
