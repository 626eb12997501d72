package io.millrace.sinks.jdbc;

import static io.millrace.sinks.testing.Batches.sql;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.from_json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Limit;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.Places;
import io.millrace.engine.spi.Reject;
import io.millrace.engine.spi.RowFaults;
import io.millrace.engine.spi.Write;
import io.millrace.engine.spi.Writing;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LocalDatabase;
import io.millrace.engine.testing.LocalPostgres;
import io.millrace.engine.testing.Sessions;
import io.millrace.sinks.pool.Pools;
import io.millrace.sinks.testing.Batches;
import java.sql.Statement;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows that a table refuses for their own fault, while it takes all others of their batch. */
class JdbcRejectsTest {
  private static final LocalPostgres DATABASE =
      LocalPostgres.shared().createDatabase("rejects" + System.nanoTime());
  private static final Writing APPEND = writing(Write.APPEND, RowFaults.LETTER);
  private static final Writing UPSERT = writing(Write.UPSERT, RowFaults.LETTER);

  /** Four tasks of several chunks; a row in 1000 breaks the check. */
  private static final String MANY =
      "select id, if(id %% 1000 = 500, -1L, id) v, repeat('x', %d) pad from range(0, 8000, 1, 4)";

  private final String name = "t" + UUID.randomUUID().toString().replace("-", "");
  private final Identity who = new Identity("shop", name, "q", UUID.randomUUID());

  private static Writing writing(Write write, RowFaults faults) {
    return new Writing(Mode.APPEND, write, faults, Limit.NONE);
  }

  /** How rows reach PostgreSQL. */
  enum Form {
    DIRECT,
    STAGED
  }

  private Given given(Form form, String... keys) {
    Given given = Given.table(DATABASE, name).keys(keys);
    return form == Form.STAGED ? given.staged() : given;
  }

  private static List<Reject> write(
      JdbcSink sink, Identity who, Writing how, long batch, Dataset<Row> rows) {
    try (Fence<JdbcReceipt> fence = sink.start(who, how, rows.schema())) {
      fence.begin(batch);
      try {
        fence.commit(batch, Batches.tasks(sink, who, how, batch, rows));
      } catch (RuntimeException e) {
        fence.abort(batch);
        throw e;
      }
      return sorted(fence.rejects(batch));
    }
  }

  private static List<Reject> sorted(List<Reject> rejects) {
    return rejects.stream().sorted(Comparator.comparing(Reject::row)).toList();
  }

  private void create(String columns) {
    DATABASE.execute("create table " + name + " (" + columns + ")");
  }

  private static List<String> read(JdbcSettings settings, String query) {
    return Pools.jdbc(settings.database())
        .borrow(connection -> LocalDatabase.rows(connection, query));
  }

  // Faults that a task meets

  @ParameterizedTest
  @EnumSource(Form.class)
  void leavesOutRowsThatBreakAConstraintAndDeliversAllOthers(Form form) {
    create("id bigint, v bigint check (v >= 0), pad text");
    JdbcSink sink = given(form).sink();
    for (int pad : List.of(5, 400)) {
      DATABASE.execute("truncate " + name);
      Identity own = new Identity("shop", name + pad, "q", UUID.randomUUID());
      List<Reject> rejects = write(sink, own, APPEND, 0, sql(MANY.formatted(pad)));

      assertThat(rejects).hasSize(8);
      assertThat(rejects.get(0).rule()).isEqualTo("check_violation_23514");
      assertThat(rejects.get(0).reason())
          .startsWith("new row for relation \"" + name + "\" violates check constraint");
      assertThat(rejects.get(1).row()).startsWith("{\"id\":2500,\"v\":-1,\"pad\":\"xxx");
      assertThat(
              DATABASE.read(
                  "select count(*) || ' ' || count(distinct id) || ' ' || min(v) from " + name))
          .containsExactly("7992 7992 0");
      assertThat(
              DATABASE.read(
                  "select rows::text from millrace_ledger where sink = '" + name + pad + "'"))
          .containsExactly("7992");
    }
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void namesWhatEachRowBroke(Form form) {
    create("id int primary key, v varchar(3) not null, n smallint, j jsonb");
    Dataset<Row> rows =
        sql("""
        select 1 id, 'ok' v, 1 n, '{}' j union all select 2, 'four', 2, '{}'
        union all select 3, null, 3, '{}' union all select 4, 'b\\u0000', 4, '{}'
        union all select 5, 'ok', 40000, '{}' union all select 6, 'ok', 6, '{'
        union all select 1, 'dup', 7, '{}' union all select 8, 'ok', 8, '{}'
        """)
            .coalesce(1);
    List<Reject> rejects = write(given(form).sink(), who, APPEND, 0, rows);

    assertThat(rejects)
        .extracting(reject -> reject.rule() + ": " + reject.reason())
        .anySatisfy(
            text ->
                assertThat(text)
                    .isEqualTo(
                        "string_data_right_truncation_22001: value too long for type character"
                            + " varying(3), column v"))
        .anySatisfy(
            text ->
                assertThat(text).startsWith("not_null_violation_23502: null value in column \"v\""))
        .anySatisfy(
            text ->
                assertThat(text)
                    .startsWith(
                        "data_exception_22000: Cannot write the column v: Cannot store a text with"
                            + " a NUL character."))
        .anySatisfy(
            text ->
                assertThat(text)
                    .isEqualTo(
                        "data_exception_22000: Cannot write the column n: Cannot store 40000 as"
                            + " smallint"))
        .anySatisfy(
            text -> assertThat(text).startsWith("invalid_text_representation_22P02: invalid input"))
        .anySatisfy(text -> assertThat(text).startsWith("unique_violation_23505: duplicate key"))
        .hasSize(6);
    assertThat(DATABASE.read("select id::text from " + name + " order by id"))
        .containsExactly("1", "8");
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void tellsARowSoThatItCanBeReadAgain(Form form) {
    create("id int check (id <> 1), b bytea, t timestamptz, d date, f float8, x numeric(9,2)");
    Dataset<Row> rows =
        sql("""
        select cast(id as int) id, cast(repeat('bytes', 40) as binary) b,
          timestamp '2026-01-31 08:00:00.000001' t, date '2026-01-31' d,
          double('Infinity') f, cast(1.50 as decimal(9,2)) x from range(1000)
        """)
            .coalesce(1);
    List<Reject> rejects = write(given(form).sink(), who, APPEND, 0, rows);

    assertThat(rejects).hasSize(1);
    assertThat(
            Sessions.spark()
                .createDataset(List.of(rejects.get(0).row()), Encoders.STRING())
                .select(from_json(col("value"), rows.schema()).as("row"))
                .select("row.*")
                .except(rows.where("id = 1"))
                .collectAsList())
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"jdbc:h2:mem:", "jdbc:sqlite:"})
  void leavesOutRowsOfOtherDatabasesToo(String kind) {
    String url =
        kind.contains("h2")
            ? kind + name + ";DB_CLOSE_DELAY=-1"
            : kind + Folders.temporary("rejects").resolve("rows.db");
    JdbcSettings settings = Given.table(DATABASE, name).at(url).nobody().settings();
    Pools.jdbc(settings.database())
        .borrow(
            connection -> {
              try (Statement statement = connection.createStatement()) {
                return statement.execute(
                    "create table \"%s\" (\"id\" bigint primary key, \"v\" bigint check (\"v\" >= 0))"
                        .formatted(name));
              }
            });
    JdbcSink sink = new JdbcSink(settings);
    Dataset<Row> rows =
        sql(
            "select if(id = 7, 1L, id) id, if(id % 1000 = 500, -1L, id) v from range(0, 3000, 1,"
                + " 1)");
    List<Reject> rejects = write(sink, who, APPEND, 0, rows);

    assertThat(rejects)
        .extracting(Reject::row)
        .containsExactly(
            "{\"id\":1,\"v\":7}",
            "{\"id\":1500,\"v\":-1}",
            "{\"id\":2500,\"v\":-1}",
            "{\"id\":500,\"v\":-1}");
    assertThat(rejects.get(0).rule())
        .isEqualTo(
            kind.contains("h2")
                ? "unique_violation_23505"
                : "integrity_constraint_violation_23000");
    assertThat(read(settings, "select count(*) from \"" + name + "\"")).containsExactly("2996");
    try (Fence<JdbcReceipt> fence = sink.start(who, APPEND, rows.schema())) {
      assertThat(sorted(fence.rejects(0))).extracting(Reject::row).hasSize(4);
      fence.forwarded(0);
      assertThat(fence.rejects(0)).isEmpty();
    }
  }

  @Test
  void writesLittleAgainOfABatchThatIsLarge() {
    create("id bigint, v bigint check (v >= 0), pad text");
    Dataset<Row> rows =
        sql(
            "select id, if(id in (3, 19999), -1L, id) v, repeat('x', 1500) pad from range(0, 20000,"
                + " 1, 2)");
    List<Reject> rejects = write(given(Form.DIRECT).sink(), who, APPEND, 0, rows);
    assertThat(rejects).hasSize(2);
    assertThat(DATABASE.read("select count(distinct id) || ' ' || count(*) from " + name))
        .containsExactly("19998 19998");
  }

  // Faults that only the commit meets

  @ParameterizedTest
  @EnumSource(Form.class)
  void givesAnEarlierRowOfAKeyItsTurnWhereTheLastIsFaulty(Form form) {
    create("id bigint primary key, v bigint check (v >= 0), pad text");
    DATABASE.execute("insert into " + name + " values (3, 33, 'old')");
    Dataset<Row> rows =
        sql("""
        select id, v, repeat('x', 3000) pad from (
          select 1L id, 10L v union all select 1L, 11L union all select 2L, 20L
          union all select 2L, -21L union all select 3L, -30L
          union all select 4L, 40L union all select 4L, -41L union all select 4L, -42L
          union all select id, id from range(100, 180))
        """)
            .coalesce(1);
    List<Reject> rejects = write(given(form, "id").sink(), who, UPSERT, 0, rows);

    assertThat(rejects)
        .extracting(reject -> reject.row().replaceFirst(",\"pad.*", ""))
        .containsExactly(
            "{\"id\":2,\"v\":-21",
            "{\"id\":3,\"v\":-30",
            "{\"id\":4,\"v\":-41",
            "{\"id\":4,\"v\":-42");
    assertThat(DATABASE.read("select id || ' ' || v from " + name + " where id < 100 order by id"))
        .containsExactly("1 11", "2 20", "3 33", "4 40");
    assertThat(DATABASE.read("select count(*) from " + name)).containsExactly("84");
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void takesARowThatNeedsAnotherOfItsBatch(Form form) {
    create("id bigint primary key, parent bigint references " + name + ", pad text");
    Dataset<Row> rows =
        sql("select id, if(id = 77, 999L, if(id = 199, null, id + 1)) parent, repeat('x', 1000) pad"
                + " from range(0, 200)")
            .coalesce(1);
    List<Reject> rejects = write(given(form).sink(), who, APPEND, 0, rows);

    assertThat(rejects).extracting(Reject::rule).containsOnly("foreign_key_violation_23503");
    assertThat(rejects).hasSize(78);
    assertThat(DATABASE.read("select min(id) || ' ' || count(*) from " + name))
        .containsExactly("78 122");
  }

  // What becomes of them

  @ParameterizedTest
  @EnumSource(Form.class)
  void keepsRejectsWithTheirBatchUntilTheyAreForwarded(Form form) {
    create("id bigint, v bigint check (v >= 0)");
    JdbcSink sink = given(form).sink();
    Dataset<Row> rows = sql("select id, id - 1 v from range(3)");
    List<Reject> rejects = write(sink, who, APPEND, 0, rows);
    assertThat(rejects).extracting(Reject::row).containsExactly("{\"id\":0,\"v\":-1}");
    write(sink, who, APPEND, 1, rows.where("id > 0"));

    try (Fence<JdbcReceipt> next = sink.start(who, APPEND, rows.schema())) {
      assertThat(next.rejects(1)).isEmpty();
      assertThat(next.rejects(0)).usingRecursiveComparison().isEqualTo(stored(rejects));
      next.forwarded(0);
      assertThat(next.rejects(0)).isEmpty();
    }
    assertThat(
            DATABASE.read(
                "select (forwarded_at is not null) || ' ' || raw from millrace_rejects where sink ="
                    + " '"
                    + name
                    + "'"))
        .containsExactly("true {\"id\":0,\"v\":-1}");
  }

  /** PostgreSQL's times have microseconds. */
  private static List<Reject> stored(List<Reject> rejects) {
    return rejects.stream()
        .map(
            reject ->
                new Reject(
                    reject.attempt(),
                    reject.time().plusNanos(500).truncatedTo(java.time.temporal.ChronoUnit.MICROS),
                    reject.rule(),
                    reject.reason(),
                    reject.row(),
                    Places.NOWHERE))
        .toList();
  }

  @Test
  void keepsNoRejectOfABatchThatIsRolledBack() {
    create("id bigint, v bigint check (v >= 0)");
    JdbcSink sink = given(Form.DIRECT).sink();
    Dataset<Row> rows = sql("select id, id - 1 v from range(3)");
    try (Fence<JdbcReceipt> fence = sink.start(who, APPEND, rows.schema())) {
      fence.begin(0);
      List<JdbcReceipt> receipts = Batches.tasks(sink, who, APPEND, 0, rows);
      write(sink, who, APPEND, 0, rows.limit(0));
      assertThatThrownBy(() -> fence.commit(0, receipts)).hasMessageContaining("fenced by epoch");
      assertThat(fence.rejects(0)).isEmpty();
    }
  }

  @Test
  void onlyCountsWhatAJobDrops() {
    create("id bigint, v bigint check (v >= 0)");
    Writing drop = writing(Write.APPEND, RowFaults.DROP);
    JdbcSink sink = given(Form.DIRECT).sink();
    assertThat(write(sink, who, drop, 0, sql("select id, id - 1 v from range(3)"))).hasSize(1);
    assertThat(DATABASE.read("select count(*) from " + name)).containsExactly("2");
    assertThat(DATABASE.read("select count(*) from pg_class where relname = 'millrace_rejects'"))
        .as("nothing is kept of them; other tests of this class keep some")
        .hasSize(1);
    try (Fence<JdbcReceipt> fence = sink.start(who, drop, sql("select 1L id, 1L v").schema())) {
      assertThat(fence.rejects(0)).isEmpty();
    }
  }

  // Faults that are not those of a row

  @ParameterizedTest
  @EnumSource(Form.class)
  void leavesNothingOutForAFaultOfTheDatabase(Form form) {
    create("id bigint, v bigint check (v >= 0)");
    JdbcSink sink = given(form).locks(Duration.ofMillis(300)).sink();
    Dataset<Row> rows = sql("select id, id - 1 v from range(3)");
    try (Fence<JdbcReceipt> fence = sink.start(who, APPEND, rows.schema())) {
      DATABASE.execute("alter table " + name + " drop column v");
      assertThatThrownBy(
              () -> {
                fence.begin(0);
                fence.commit(0, Batches.tasks(sink, who, APPEND, 0, rows));
              })
          .hasStackTraceContaining("column \"v\" of relation");
      fence.abort(0);
      assertThat(fence.rejects(0)).isEmpty();
    }
    assertThat(DATABASE.read("select count(*) from " + name)).containsExactly("0");
  }
}
