package io.millrace.sinks.jdbc;

import static io.millrace.sinks.testing.Batches.APPEND;
import static io.millrace.sinks.testing.Batches.COMPLETE;
import static io.millrace.sinks.testing.Batches.UPSERT;
import static io.millrace.sinks.testing.Batches.sql;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.testing.LocalPostgres;
import io.millrace.sinks.testing.Batches;
import java.util.List;
import java.util.UUID;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** Rows that wait in a table of their own until their batch is committed. */
class JdbcStagedTest {
  private static final LocalPostgres DATABASE =
      LocalPostgres.shared().createDatabase("staged" + System.nanoTime());

  /** More than 64 KB in each of two tasks. */
  private static final String MANY = "select id, repeat('y', 1000) s from range(0, 400, 1, 2)";

  private final Identity who = new Identity("shop", "billing", "q", UUID.randomUUID());

  private static JdbcSink sink(String table, String... keys) {
    return Given.table(DATABASE, table).keys(keys).staged().sink();
  }

  private Identity named(String sink) {
    return new Identity(who.job(), sink, who.query(), who.queryId());
  }

  /** The stage that has a column of this name. */
  private static String stageWith(String column) {
    return DATABASE
        .read(
            "select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid"
                + " where c.relkind = 'r' and c.relname like 'millrace_stage_%' and a.attname = '"
                + column
                + "'")
        .get(0);
  }

  @Test
  void returnsAFewRowsToTheDriverAndStagesMore() {
    String row = "select repeat('x', %d) few";
    Dataset<Row> few = sql(row.formatted((64 << 10) - 6)).coalesce(1);
    Dataset<Row> more = sql(row.formatted((64 << 10) - 5)).coalesce(1);

    List<JdbcReceipt> inline = Batches.run(sink("few"), named("few"), APPEND, 0, few);
    assertThat(inline).hasSize(1);
    assertThat(inline.get(0).inline()).hasSize(64 << 10);
    assertThat(inline.get(0).staged()).isNull();
    List<JdbcReceipt> staged = Batches.run(sink("few"), named("few"), APPEND, 1, more);
    assertThat(staged.get(0).inline()).isEmpty();
    assertThat(staged.get(0).staged()).isNotNull();

    assertThat(DATABASE.read("select length(few) from few order by 1"))
        .containsExactly("65530", "65531");
    assertThat(DATABASE.read("select count(*) from " + stageWith("few"))).containsExactly("0");
    assertThat(
            DATABASE.read(
                "select last_batch || ' ' || rows from millrace_ledger where sink = 'few'"))
        .containsExactly("1 1");
  }

  @Test
  void writesABatchOnceHoweverOftenItComes() {
    for (int again = 0; again < 2; again++) {
      Batches.run(sink("once"), named("once"), APPEND, 0, sql(MANY));
      Batches.run(sink("once"), named("once"), APPEND, 1, sql(MANY).limit(0));
    }
    assertThat(DATABASE.read("select count(*) || ' ' || count(distinct id) from once"))
        .containsExactly("400 400");
    assertThat(DATABASE.read("select last_batch from millrace_ledger where sink = 'once'"))
        .containsExactly("1");
  }

  @Test
  void upsertsStagedAndReturnedRowsTogether() {
    String batch =
        "select id, cast(%d as int) v, repeat('z', if(id < 70, 2000, 1)) pad from range(0, 130, 1,"
            + " 2)";
    Batches.run(sink("pairs", "id"), named("pairs"), UPSERT, 0, sql(batch.formatted(1)));
    List<JdbcReceipt> receipts =
        Batches.run(sink("pairs", "id"), named("pairs"), UPSERT, 1, sql(batch.formatted(2)));
    assertThat(receipts)
        .extracting(receipt -> receipt.staged() == null)
        .containsExactly(false, true);
    Dataset<Row> twice =
        sql("select explode(array(7L, 7L)) id, 0 v, '' pad")
            .selectExpr("id", "cast(3 + monotonically_increasing_id() as int) v", "pad")
            .coalesce(1);
    Batches.run(sink("pairs", "id"), named("pairs"), UPSERT, 2, twice);

    assertThat(DATABASE.read("select v || ' ' || count(*) from pairs group by v order by v"))
        .containsExactly("2 129", "4 1");
  }

  @Test
  void replacesTheTableInModeComplete() {
    Batches.run(sink("all_of_it"), named("all"), COMPLETE, 0, sql(MANY));
    Batches.run(sink("all_of_it"), named("all"), COMPLETE, 1, sql(MANY).where("id < 300"));
    assertThat(DATABASE.read("select count(*) from all_of_it")).containsExactly("300");
  }

  @Test
  void leavesOutTheRowsOfAttemptsThatLost() {
    Identity own = named("lost");
    JdbcSink sink = sink("lost");
    Dataset<Row> rows = sql(MANY).withColumnRenamed("s", "lost_text");
    try (Fence<JdbcReceipt> fence = sink.start(own, APPEND, rows.schema())) {
      fence.begin(0);
      Batches.tasks(sink, own, APPEND, 0, rows);
      List<JdbcReceipt> winners = Batches.tasks(sink, own, APPEND, 0, rows);
      assertThat(DATABASE.read("select count(*) from " + stageWith("lost_text")))
          .containsExactly("800");
      fence.commit(0, winners);
    }
    assertThat(DATABASE.read("select count(*) || ' ' || count(distinct id) from lost"))
        .containsExactly("400 400");
    assertThat(DATABASE.read("select count(*) from " + stageWith("lost_text")))
        .containsExactly("0");
  }

  @Test
  void leavesNothingOfATaskThatFails() {
    Dataset<Row> failing =
        sql(MANY).selectExpr("id", "s as failing_text", "if(id = 199, 1 div (id - 199), 0) n");
    assertThatThrownBy(() -> Batches.run(sink("half"), named("half"), APPEND, 0, failing))
        .hasStackTraceContaining("zero");
    assertThat(DATABASE.read("select count(*) from half")).containsExactly("0");
    Dataset<Row> sound = sql(MANY).selectExpr("id", "s as failing_text", "0L n");
    Batches.run(sink("half"), named("half"), APPEND, 0, sound);
    assertThat(DATABASE.read("select count(*) from half")).containsExactly("400");
    assertThat(DATABASE.read("select count(*) from " + stageWith("failing_text")))
        .containsExactly("0");
  }

  @Test
  void refusesABatchOfWhichStagedRowsAreMissing() {
    Identity own = named("missing");
    JdbcSink sink = sink("missing");
    Dataset<Row> rows = sql(MANY).withColumnRenamed("s", "missing_text");
    try (Fence<JdbcReceipt> fence = sink.start(own, APPEND, rows.schema())) {
      fence.begin(0);
      List<JdbcReceipt> receipts = Batches.tasks(sink, own, APPEND, 0, rows);
      DATABASE.execute("delete from " + stageWith("missing_text") + " where id = 5");
      assertThatThrownBy(() -> fence.commit(0, receipts))
          .hasMessage(
              "Cannot commit batch 0 of sink missing: tasks wrote 400 rows, the database took 399");
    }
    assertThat(DATABASE.read("select count(*) from missing")).containsExactly("0");
  }

  @Test
  void doesNothingForAStartThatIsFenced() {
    Identity own = named("fenced");
    JdbcSink sink = sink("fenced");
    Dataset<Row> rows = sql(MANY);
    try (Fence<JdbcReceipt> old = sink.start(own, APPEND, rows.schema())) {
      old.begin(0);
      List<JdbcReceipt> receipts = Batches.tasks(sink, own, APPEND, 0, rows);
      Batches.run(sink, own, APPEND, 0, rows);
      assertThatThrownBy(() -> old.commit(0, receipts))
          .hasMessageContaining("fenced by epoch 2, this start has epoch 1");
    }
    assertThat(DATABASE.read("select count(*) from fenced")).containsExactly("400");
  }

  @Test
  void stagesInPostgresOnly() {
    assertThatThrownBy(() -> Given.table(DATABASE, "t").at("jdbc:h2:mem:x").staged().settings())
        .hasMessage("Cannot stage rows in this database, only in PostgreSQL. Use form: direct");
  }
}
