package io.millrace.sinks.delta;

import static io.millrace.sinks.delta.Given.UPSERT;
import static io.millrace.sinks.delta.Given.batch;
import static io.millrace.sinks.testing.Batches.APPEND;
import static io.millrace.sinks.testing.Batches.query;
import static io.millrace.sinks.testing.Batches.sql;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Identity;
import io.millrace.engine.testing.Sessions;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FitTest {
  private final Given given;
  private final Identity who = query();

  FitTest(@TempDir Path folder) {
    this.given = new Given(folder);
  }

  @Test
  void refusesOtherColumnsAndNarrowerTypesAtStartAndInABatch() {
    DeltaSink sink = given.sink("");
    sink.write(batch(who, APPEND, 0, "select 1 id, 2L n"));
    for (String wrong : List.of("select 1 id, 'x' more", "select 1 id, 2.5D n", "select 9L id")) {
      assertThatThrownBy(() -> sink.write(batch(who, APPEND, 1, wrong)))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> sink.check(Sessions.spark(), APPEND, sql(wrong).schema()))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> sink.write(batch(who, APPEND, 1, "select 1 id, 'x' more")))
        .hasMessage(
            "Cannot write column more: the Delta table "
                + given.path()
                + " has no such column, it has id, n. Leave it out, or use schema: add-columns or"
                + " schema: rescue");
    assertThatThrownBy(() -> sink.write(batch(who, APPEND, 1, "select 1 id, 2.5D n")))
        .hasMessageStartingWith(
            "Cannot write column n of type DOUBLE: the Delta table "
                + given.path()
                + " has it as BIGINT. ");
    sink.write(batch(who, APPEND, 1, "select 1 id, 3 n"));
    sink.write(batch(who, APPEND, 2, "select 2 id"));
    assertThat(given.rows("id", "n")).containsExactly("1 2", "1 3", "2 null");
  }

  @Test
  void addsColumnsForRowsThatAreAppendedAndMerged() {
    DeltaSink append = given.sink("schema: add-columns");
    append.write(batch(who, APPEND, 0, "select 1 id, 1 at"));
    append.write(batch(who, APPEND, 1, "select 2 id, 1 at, 'x' `more.yet`"));
    append.write(batch(who, APPEND, 1, "select 3 id, 1 at, 'x' other"));
    DeltaSink upsert = given.sink("schema: add-columns, keys: [id], order-by: [at]");
    upsert.write(batch(query(), UPSERT, 0, "select 1 id, 2 at, named_struct('a', 1) s"));

    assertThat(given.rows("id", "at", "`more.yet`", "s.a"))
        .containsExactly("1 2 null 1", "2 1 x null");
    assertThatThrownBy(() -> append.write(batch(who, APPEND, 2, "select 'x' id")))
        .hasMessageStartingWith("Cannot write column id of type STRING: ");
  }

  @Test
  void rescuesWhatDoesNotFit() {
    sql(
        "create table delta.`"
            + given.path()
            + "` (id int, day date, price decimal(5, 2)) using delta");
    DeltaSink sink = given.sink("schema: rescue");
    sink.write(
        batch(
            who,
            APPEND,
            0,
            """
            values (1L, '2026-01-02', 1.5D, 'a'), (9999999999L, 'soon', 0.125D, null),
              (3L, '2026-01-02 10:00:00', 1e9D, null) t(id, day, price, extra)
            """));
    sink.write(batch(who, APPEND, 1, "select 4 id, array(1) day, map('k', 1) extra"));
    sink.write(batch(who, APPEND, 1, "select 5 id"));

    assertThat(given.rows("id", "day", "price", "_rescued"))
        .containsExactlyInAnyOrder(
            "1 2026-01-02 1.50 {\"extra\":\"a\"}",
            "null null null {\"id\":9999999999,\"day\":\"soon\",\"price\":0.125}",
            "3 2026-01-02 null {\"day\":\"2026-01-02 10:00:00\",\"price\":1.0E9}",
            "4 null null {\"day\":[1],\"extra\":{\"k\":1}}");
  }

  @Test
  void rescuesInAMergeAndCreatesItsColumn() {
    DeltaSink sink = given.sink("schema: rescue, keys: [id], order-by: [at]");
    sink.write(batch(who, UPSERT, 0, "select 1 id, 1 at, 'a' v"));
    sink.write(batch(who, UPSERT, 1, "select 1 id, 2L at, 'b' v, 7 extra"));

    assertThat(given.rows("id", "at", "v", "_rescued")).containsExactly("1 2 b {\"extra\":7}");
  }

  @Test
  void checksAtStartWhatEachBatchWouldFailOf() {
    sql(
        "create table delta.`"
            + given.path()
            + "` (id int) using delta tblproperties"
            + " ('delta.setTransactionRetentionDuration' = 'interval 1 day')");
    assertThatThrownBy(
            () -> given.sink("").check(Sessions.spark(), APPEND, sql("select 1 id").schema()))
        .hasMessageContaining("it forgets batches. Unset that property");
    sql(
        "alter table delta.`"
            + given.path()
            + "` unset tblproperties ('delta.setTransactionRetentionDuration')");
    given.sink("").check(Sessions.spark(), APPEND, sql("select 1 id").schema());
    assertThatThrownBy(
            () ->
                given
                    .sink("keys: [key], order-by: [id]")
                    .check(Sessions.spark(), UPSERT, sql("select 1 id").schema()))
        .hasMessage("Missing column key in the stream, which has id");
    assertThat(given.history()).hasSize(2);
  }
}
