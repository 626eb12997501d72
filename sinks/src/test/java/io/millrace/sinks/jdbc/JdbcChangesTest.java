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
import io.millrace.engine.testing.LocalPostgres;
import io.millrace.sinks.testing.Batches;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows that change, delete or leave alone what a table has under their keys. */
class JdbcChangesTest {
  private static final LocalPostgres DATABASE =
      LocalPostgres.shared().createDatabase("changes" + System.nanoTime());
  private static final Writing UPSERT = writing(Write.UPSERT, RowFaults.STOP);
  private static final Writing MERGE = writing(Write.MERGE, RowFaults.STOP);

  private final String name = "t" + UUID.randomUUID().toString().replace("-", "");
  private final Identity who = new Identity("shop", name, "q", UUID.randomUUID());

  private static Writing writing(Write write, RowFaults faults) {
    return new Writing(Mode.APPEND, write, faults, Limit.NONE);
  }

  /** The ways of rows to PostgreSQL, and how much each row carries to take it. */
  enum Way {
    DIRECT(10),
    INLINE(10),
    STAGED(40_000);

    private final int pad;

    Way(int pad) {
      this.pad = pad;
    }
  }

  private Given given(Way way) {
    Given given = Given.table(DATABASE, name).keys("id");
    return way == Way.DIRECT ? given : given.staged();
  }

  /** The settings that replicate another table's changes, whose marker is not written. */
  private Given replica(Way way) {
    return given(way).orderBy("seq").deleteWhen("op = 'd'").columns("id", "seq", "v", "pad");
  }

  /** Rows in one task, in this order: id, seq, op and v of each. */
  private static Dataset<Row> changes(Way way, String... rows) {
    String all =
        Stream.of(rows)
            .map(row -> row.split(" "))
            .map(row -> "(%sL, %s, '%s', %s)".formatted((Object[]) row))
            .reduce((one, other) -> one + ", " + other)
            .orElseThrow();
    return sql("select id, cast(seq as int) seq, nullif(op, '-') op, cast(v as int) v, repeat('x', %d) pad from values %s as t(id, seq, op, v)"
            .formatted(way.pad, all))
        .coalesce(1);
  }

  private void run(Given given, Writing how, long batch, Dataset<Row> rows) {
    List<JdbcReceipt> receipts = Batches.run(given.sink(), who, how, batch, rows);
    assertThat(receipts).hasSize(1);
  }

  private static List<Reject> runLettingGo(
      Given given, Identity who, Writing how, long batch, Dataset<Row> rows) {
    JdbcSink sink = given.sink();
    try (Fence<JdbcReceipt> fence = sink.start(who, how, rows.schema())) {
      fence.begin(batch);
      fence.commit(batch, Batches.tasks(sink, who, how, batch, rows));
      return fence.rejects(batch);
    }
  }

  private List<String> table() {
    return DATABASE.read(
        "select id || ' ' || seq || ' ' || coalesce(v::text, '-') from %s order by id"
            .formatted(name));
  }

  // Order

  @ParameterizedTest
  @EnumSource(Way.class)
  void keepsTheNewestRowOfAKeyInWhicheverOrderTheyCome(Way way) {
    Given given = given(way).orderBy("seq");
    run(given, UPSERT, 0, changes(way, "1 3 u 13", "1 2 u 12", "2 5 u 25", "3 1 u 31", "3 1 u 32"));
    assertThat(table()).containsExactly("1 3 13", "2 5 25", "3 1 32");

    run(given, UPSERT, 1, changes(way, "1 1 u 11", "2 6 u 26", "2 4 u 24", "3 1 u 33"));
    assertThat(table())
        .as("an equal row is taken as newer")
        .containsExactly("1 3 13", "2 6 26", "3 1 33");
    run(given, UPSERT, 2, changes(way, "9 1 u 1").where("id < 0"));
    assertThat(table()).hasSize(3);
  }

  @Test
  void comparesSeveralColumnsAndTakesANullOfTheTableAsOldest() {
    DATABASE.execute(
        "create table %s (id bigint primary key, seq int, v int, pad text)".formatted(name));
    DATABASE.execute(
        "insert into %s values (1, null, 1, ''), (2, 7, null, ''), (3, 8, null, '')"
            .formatted(name));
    Given given = given(Way.DIRECT).orderBy("seq", "v").columns("id", "seq", "v", "pad");
    run(
        given,
        UPSERT,
        0,
        changes(Way.DIRECT, "1 0 u 5", "2 7 u 1", "3 7 u 9", "4 1 u 2", "4 1 u 1"));
    assertThat(table()).containsExactly("1 0 5", "2 7 1", "3 8 -", "4 1 2");
  }

  // Deletes

  @ParameterizedTest
  @EnumSource(Way.class)
  void deletesTheKeysOfMarkedRowsAndKeepsOlderRowsOut(Way way) {
    Given given = replica(way);
    run(given, MERGE, 0, changes(way, "1 1 c 11", "2 1 c 21", "3 1 c 31", "4 1 c 41"));
    run(
        given,
        MERGE,
        1,
        changes(
            way, "1 3 d null", "1 2 u 12", "2 2 u 22", "2 2 d null", "3 0 d null", "5 4 d null"));
    assertThat(table())
        .as("of equal rows the delete wins; an older delete changes nothing")
        .containsExactly("3 1 31", "4 1 41");
    assertThat(
            DATABASE.read(
                "select string_agg(id || ' ' || seq, ',' order by id) from millrace_deletes_"
                    + name))
        .containsExactly("1 3,2 2,3 0,5 4");

    run(given, MERGE, 2, changes(way, "1 3 u 13", "2 3 u 23", "5 3 c 53", "4 2 u 42"));
    assertThat(table())
        .as("what is not newer than its delete stays out")
        .containsExactly("2 3 23", "3 1 31", "4 2 42");
    run(given, MERGE, 3, changes(way, "1 4 c 14", "1 5 d null", "1 6 c 16"));
    assertThat(table()).containsExactly("1 6 16", "2 3 23", "3 1 31", "4 2 42");
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void deletesInTheOrderInWhichRowsComeWhereNothingElseTells(Way way) {
    Given given = given(way).deleteWhen("op = 'd'");
    run(given, MERGE, 0, changes(way, "1 0 c 1", "2 0 c 2", "2 0 d 2", "3 0 d 3", "3 0 c 3"));
    assertThat(table()).containsExactly("1 0 1", "3 0 3");
    run(given, MERGE, 1, changes(way, "1 0 d 1", "2 0 u 4"));
    assertThat(table()).containsExactly("2 0 4", "3 0 3");
    assertThat(
            DATABASE.read(
                "select count(*) from pg_class where relname = 'millrace_deletes_" + name + "'"))
        .containsExactly("0");
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void deletesOnceThoughTheBatchComesTwice(Way way) {
    Given given = replica(way);
    run(given, MERGE, 0, changes(way, "1 1 c 1", "2 1 c 2"));
    run(given, MERGE, 1, changes(way, "1 2 d null"));
    DATABASE.execute("insert into %s values (1, 2, 99, '')".formatted(name));
    assertThat(Batches.run(given.sink(), who, MERGE, 1, changes(way, "1 2 d null"))).isEmpty();
    assertThat(table()).containsExactly("1 2 99", "2 1 2");
  }

  @Test
  void makesRoomByDeletesBeforeItInserts() {
    DATABASE.execute(
        "create table %s (id bigint primary key, seq int, v int unique, pad text)".formatted(name));
    run(replica(Way.DIRECT), MERGE, 0, changes(Way.DIRECT, "1 1 c 7"));
    run(replica(Way.DIRECT), MERGE, 1, changes(Way.DIRECT, "2 1 c 7", "1 2 d null"));
    assertThat(table()).containsExactly("2 1 7");
  }

  // Faults of rows

  @ParameterizedTest
  @EnumSource(Way.class)
  void leavesOutChangesThatTheTableRefusesAndTellsWhatTheyWere(Way way) {
    DATABASE.execute(
        "create table %s (id bigint primary key, seq int, v int check (v <> 13), pad text)"
            .formatted(name));
    DATABASE.execute("create table %s_child (id bigint references %s)".formatted(name, name));
    Writing how = writing(Write.MERGE, RowFaults.LETTER);
    runLettingGo(
        replica(way), who, how, 0, changes(way, "1 1 c 1", "2 1 c 2", "3 1 c 3", "4 1 c 4"));
    DATABASE.execute("insert into %s_child values (2)".formatted(name));

    List<Reject> rejects =
        runLettingGo(
            replica(way),
            who,
            how,
            1,
            changes(
                way,
                "1 2 d null",
                "2 2 d null",
                "3 3 u 13",
                "3 2 u 30",
                "4 null u 5",
                "5 1 c 5",
                "6 1 - 13"));

    assertThat(rejects)
        .extracting(
            reject -> reject.rule() + " " + reject.row().replaceAll("\"pad\":\"x+\"", "pad"))
        .containsExactlyInAnyOrder(
            "foreign_key_violation_23503 {\"id\":2,\"seq\":2,\"v\":null,pad,\"op\":\"d\"}",
            "check_violation_23514 {\"id\":3,\"seq\":3,\"v\":13,pad,\"op\":\"u\"}",
            "check_violation_23514 {\"id\":6,\"seq\":1,\"v\":13,pad}",
            "data_exception_22000 {\"id\":4,\"op\":\"u\",\"v\":5,pad}");
    assertThat(rejects)
        .anySatisfy(
            reject ->
                assertThat(reject.reason())
                    .isEqualTo(
                        "Cannot merge a row whose order-by column seq is NULL. Filter such rows"
                            + " before, or choose other columns"));
    assertThat(table()).containsExactly("2 1 2", "3 2 30", "4 1 4", "5 1 5");
    assertThat(
            DATABASE.read("select string_agg(id || ' ' || seq, ',') from millrace_deletes_" + name))
        .containsExactly("1 2");
    assertThat(
            DATABASE.read(
                "select last_batch || ' ' || rows from millrace_ledger where sink = '"
                    + name
                    + "'"))
        .containsExactly("1 3");
  }

  // Rows that are there stay

  @ParameterizedTest
  @EnumSource(Way.class)
  void leavesWhatIsThereAndCountsWhatCameAgain(Way way) {
    DATABASE.execute(
        "create table %s (id bigint primary key, seq int, v int check (v <> 13), pad text)"
            .formatted(name));
    Given given = given(way).keeping().columns("id", "seq", "v", "pad");
    Writing how = writing(Write.UPSERT, RowFaults.LETTER);
    JdbcSink sink = given.sink();
    Dataset<Row> first = changes(way, "1 1 c 11", "1 2 c 12", "2 1 c 21");
    Dataset<Row> second = changes(way, "2 2 c 22", "3 1 c 31", "1 3 c 14");
    Dataset<Row> third = changes(way, "4 1 c 13", "4 2 c 42", "4 3 c 43", "1 4 c 15");
    try (Fence<JdbcReceipt> fence = sink.start(who, how, first.schema())) {
      List<Long> existing = new ArrayList<>();
      long batch = 0;
      for (Dataset<Row> rows : List.of(first, second, third)) {
        fence.begin(batch);
        fence.commit(batch, Batches.tasks(sink, who, how, batch, rows));
        existing.add(fence.existing(batch));
        batch++;
      }
      assertThat(fence.rejects(2))
          .extracting(Reject::rule)
          .containsExactly("check_violation_23514");
      fence.forwarded(2);
      assertThat(fence.existing(2)).isEqualTo(2);
      assertThat(existing).containsExactly(1L, 2L, 2L);
    }
    assertThat(table()).containsExactly("1 1 11", "2 1 21", "3 1 31", "4 2 42");
  }

  // What does not go together

  @Test
  void refusesSettingsThatDoNotGoTogether() {
    Given given = given(Way.DIRECT);
    assertThatThrownBy(() -> given.deleteWhen("op = 'd'").sink().guarantee(UPSERT))
        .hasMessage(
            "Cannot use delete-when to upsert: rows are only inserted and replaced. Use write:"
                + " merge");
    assertThatThrownBy(() -> given.orderBy("seq").sink().guarantee(MERGE))
        .hasMessage(
            "Missing delete-when for merge. Name the rows that delete, for example delete-when: op"
                + " = 'd'; or use write: upsert");
    assertThatThrownBy(() -> Given.table(DATABASE, name).deleteWhen("x").sink().guarantee(MERGE))
        .hasMessageStartingWith("Missing keys for merge.");
    assertThatThrownBy(() -> given.orderBy("seq").sink().guarantee(Batches.APPEND))
        .hasMessage(
            "Cannot use order-by to append: rows are added as they come. Use write: upsert or"
                + " write: merge");
    assertThatThrownBy(() -> given.keeping().sink().guarantee(Batches.APPEND))
        .hasMessageStartingWith("Cannot use existing: keep to append");
    assertThatThrownBy(() -> given.keeping().deleteWhen("x").sink().guarantee(MERGE))
        .hasMessageStartingWith("Cannot use existing: keep to merge");
    assertThatThrownBy(() -> given.keeping().orderBy("seq").sink().guarantee(UPSERT))
        .hasMessageStartingWith("Cannot use order-by with existing: keep");
    assertThatThrownBy(
            () -> given.keeping().sink().guarantee(new Writing(Mode.UPDATE, Write.UPSERT)))
        .hasMessageStartingWith("Cannot use existing: keep in mode update");
    assertThatThrownBy(
            () -> given.deleteWhen("x").sink().guarantee(new Writing(Mode.COMPLETE, Write.MERGE)))
        .hasMessageStartingWith("Cannot merge in mode complete");
    assertThatThrownBy(() -> given.orderBy("id").settings())
        .hasMessage(
            "Cannot use the key column id as order-by: rows of one key are equal in it. Name"
                + " others");
    assertThatThrownBy(() -> given.orderBy("seq").columns("id").settings())
        .hasMessage("Missing order-by column seq among columns: id");
    assertThatThrownBy(() -> given.deleteWhen("op = ").settings())
        .hasMessageStartingWith("Cannot read the condition");
    assertThatThrownBy(() -> given.at("jdbc:sqlite:/x").runs(Duration.ofSeconds(1)).settings())
        .hasMessage(
            "Cannot limit how long a statement of SQLite runs. Leave statement-timeout out");
  }

  @Test
  void refusesToForgetDeletesThatItKeptByOtherColumns() {
    run(replica(Way.DIRECT), MERGE, 0, changes(Way.DIRECT, "1 1 d null"));
    Given other = given(Way.DIRECT).orderBy("v").deleteWhen("op = 'd'");
    assertThatThrownBy(
            () -> other.sink().start(who, MERGE, changes(Way.DIRECT, "1 1 c 1").schema()))
        .hasMessageContaining("Missing column op in the table");
    Given same = other.columns("id", "seq", "v", "pad");
    assertThatThrownBy(() -> same.sink().start(who, MERGE, changes(Way.DIRECT, "1 1 c 1").schema()))
        .hasMessage(
            "Cannot remember deletes by id, v: the table public.millrace_deletes_%s has them by id, seq. Use keys and order-by as before, or drop that table; an old row that comes late is then inserted again"
                .formatted(name));
  }
}
