package io.millrace.sinks.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.RowWriter;
import io.millrace.engine.spi.Write;
import io.millrace.engine.spi.Writing;
import io.millrace.engine.testing.LocalDatabase;
import io.millrace.engine.testing.LocalMariaDb;
import io.millrace.engine.testing.LocalPostgres;
import io.millrace.engine.testing.Sessions;
import io.millrace.sinks.pool.DatabaseException;
import io.millrace.sinks.pool.Pools;
import java.nio.file.Path;
import java.sql.Statement;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class JdbcSinkTest {
  private static final Writing APPEND = new Writing(Mode.APPEND, Write.APPEND);
  private static final Writing UPSERT = new Writing(Mode.UPDATE, Write.UPSERT);
  private static final Writing COMPLETE = new Writing(Mode.COMPLETE, Write.APPEND);

  @SuppressWarnings("NullAway.Init") // JUnit sets it
  @TempDir
  static Path folder;

  private final Identity who =
      new Identity("shop", "billing", "q", UUID.nameUUIDFromBytes(new byte[] {1}));

  @ParameterizedTest
  @EnumSource(Dialect.class)
  void writesABatchOnceThoughItComesTwice(Dialect dialect) {
    JdbcSink sink = sink(dialect, "twice", List.of());
    Dataset<Row> rows = sql("select id, concat('n', id) as name from range(0, 2000, 1, 3)");
    try (Fence<JdbcReceipt> fence = sink.start(named("twice"), APPEND, rows.schema())) {
      assertThat(fence.last()).isEqualTo(-1);
      write(sink, fence, named("twice"), APPEND, 0, rows);
      write(sink, fence, named("twice"), APPEND, 0, rows);
      assertThat(fence.last()).isZero();
      write(sink, fence, named("twice"), APPEND, 1, rows.limit(0));
      assertThat(fence.last()).isEqualTo(1);
    }
    assertThat(read(sink, "select count(*), min(\"name\") from \"twice\""))
        .containsExactly("2000|n0");
  }

  @ParameterizedTest
  @EnumSource(Dialect.class)
  void rollsBackHalfABatch(Dialect dialect) {
    JdbcSink sink = sink(dialect, "half", List.of());
    Dataset<Row> rows = sql("select id, repeat('x', 100) as pad from range(0, 3000, 1, 1)");
    try (Fence<JdbcReceipt> fence = sink.start(named("half"), APPEND, rows.schema())) {
      fence.begin(0);
      try (RowWriter<JdbcReceipt> writer = writer(sink, named("half"), APPEND, 0, rows)) {
        rows.queryExecution()
            .toRdd()
            .toJavaRDD()
            .map(InternalRow::copy)
            .collect()
            .forEach(writer::write);
      }
      assertThatThrownBy(() -> fence.commit(0, List.of()))
          .hasMessage(
              "Cannot write batch 0 of sink half: a task of it failed, the batch is rolled back");
      assertThat(read(sink, "select count(*) from \"half\"")).containsExactly("0");
      write(sink, fence, named("half"), APPEND, 0, rows);
    }
    assertThat(read(sink, "select count(*) from \"half\"")).containsExactly("3000");
  }

  @ParameterizedTest
  @EnumSource(Dialect.class)
  void keepsTheLastRowOfAKey(Dialect dialect) {
    JdbcSink sink = sink(dialect, "keyed", List.of("id"));
    Dataset<Row> first = sql("select id % 2 as id, id as n from range(0, 10, 1, 1)");
    Dataset<Row> second = sql("select 1L as id, 77L as n");
    try (Fence<JdbcReceipt> fence = sink.start(named("keyed"), UPSERT, first.schema())) {
      write(sink, fence, named("keyed"), UPSERT, 0, first);
      write(sink, fence, named("keyed"), UPSERT, 1, second);
    }
    assertThat(read(sink, "select \"id\", \"n\" from \"keyed\" order by \"id\""))
        .containsExactly("0|8", "1|77");
  }

  @ParameterizedTest
  @EnumSource(Dialect.class)
  void replacesAllRowsInCompleteMode(Dialect dialect) {
    JdbcSink sink = sink(dialect, "whole", List.of());
    try (Fence<JdbcReceipt> fence =
        sink.start(named("whole"), COMPLETE, sql("select 1 as n").schema())) {
      write(sink, fence, named("whole"), COMPLETE, 0, sql("select 1 as n"));
      write(sink, fence, named("whole"), COMPLETE, 1, sql("select 2 as n"));
    }
    assertThat(read(sink, "select \"n\" from \"whole\"")).containsExactly("2");
  }

  @Test
  void storesEveryTypeInPostgresql() {
    JdbcSink sink = sink(Dialect.POSTGRESQL, "types", List.of());
    Dataset<Row> rows =
        sql(
            "select true a, 1Y b, -2S c, 2147483647 d, -9223372036854775808L e, 1.5f f,"
                + " double('-Infinity') g, 12345678901234567890.0123450000BD h, -0.05BD i, 'äß€' j,"
                + " X'00ff' k, date '0001-01-01' l, timestamp '9999-12-31 23:59:59.999999Z' m,"
                + " timestamp_ntz '1969-12-31 23:59:59.5' n, array(1, null, 3) o,"
                + " named_struct('x', 1, 'y', 'z') p, cast(null as string) q, array('a') r");
    try (Fence<JdbcReceipt> fence = sink.start(named("types"), APPEND, rows.schema())) {
      write(sink, fence, named("types"), APPEND, 0, rows);
    }
    assertThat(
            read(
                sink,
                "select a, b, c, d, e, f, g, h, i, j, encode(k, 'hex'), l,"
                    + " m at time zone 'UTC', n, o, p, q, r from types"))
        .containsExactly(
            "t|1|-2|2147483647|-9223372036854775808|1.5|-Infinity|12345678901234567890.0123450000"
                + "|-0.05|äß€|00ff|0001-01-01|9999-12-31 23:59:59.999999|1969-12-31 23:59:59.5"
                + "|{1,NULL,3}|{\"x\": 1, \"y\": \"z\"}|null|{a}");
  }

  @Test
  void refusesWhatCannotBeWritten() {
    JdbcSink keyed = sink(Dialect.POSTGRESQL, "nulls", List.of("id"));
    Dataset<Row> rows = sql("select cast(null as int) as id, 'a' as s");
    try (Fence<JdbcReceipt> fence = keyed.start(named("nulls"), UPSERT, rows.schema())) {
      fence.begin(0);
      try (RowWriter<JdbcReceipt> writer = writer(keyed, named("nulls"), UPSERT, 0, rows)) {
        InternalRow row = rows.queryExecution().toRdd().toJavaRDD().map(InternalRow::copy).first();
        assertThatThrownBy(() -> writer.write(row))
            .hasMessageStartingWith("Cannot upsert a row whose key column id is NULL");
      }
      fence.abort(0);
    }
    StructType other = sql("select 1 as id, 2 as s, 3 as more").schema();
    assertThatThrownBy(() -> keyed.start(named("nulls"), APPEND, other))
        .hasMessage(
            "Cannot store s (INT) in the column s of type text."
                + " Missing column more in the table public.nulls, which has id, s. Add it, or name"
                + " another table");
    assertThatThrownBy(() -> keyed.guarantee(new Writing(Mode.UPDATE, Write.APPEND)))
        .hasMessageStartingWith("Cannot append in output mode update");
  }

  @Test
  void stopsAtTheLedgerOfAnotherCheckpoint() {
    JdbcSink sink = sink(Dialect.POSTGRESQL, "other", List.of());
    Dataset<Row> rows = sql("select 1 as n");
    try (Fence<JdbcReceipt> fence = sink.start(named("other"), APPEND, rows.schema())) {
      write(sink, fence, named("other"), APPEND, 0, rows);
    }
    Identity another = new Identity("shop", "other", "q", UUID.randomUUID());
    assertThatThrownBy(() -> sink.start(another, APPEND, rows.schema()))
        .hasMessageContaining("has batch 0 of job shop, sink other from another checkpoint");
  }

  @Test
  void writesNothingBehindBatchesThatTheDatabaseHasLostMeanwhile() {
    JdbcSink sink = sink(Dialect.POSTGRESQL, "restored", List.of());
    Dataset<Row> rows = sql("select 1 as n");
    try (Fence<JdbcReceipt> fence = sink.start(named("restored"), APPEND, rows.schema())) {
      write(sink, fence, named("restored"), APPEND, 0, rows);
      write(sink, fence, named("restored"), APPEND, 1, rows);
      Pools.jdbc(sink.settings().database())
          .inTransaction(
              connection -> {
                try (Statement statement = connection.createStatement()) {
                  statement.execute("delete from restored");
                  return statement.executeUpdate(
                      "update millrace_ledger set last_batch = 0 where sink = 'restored'");
                }
              });
      assertThatThrownBy(() -> write(sink, fence, named("restored"), APPEND, 2, rows))
          .hasMessage(
              "Cannot commit batch 2 of sink restored: the sink went back in time. It has batches"
                  + " up to 0, this start left it with batches up to 1. Start the job again, which"
                  + " tells what is missing");
    }
    assertThat(read(sink, "select count(*) from restored")).containsExactly("0");
  }

  @Test
  void saysWhyADatabaseCannotBeReached() {
    JdbcSettings settings = settings("jdbc:postgresql://localhost:1/x", "t", List.of());
    assertThatThrownBy(() -> Pools.jdbc(settings.database()))
        .isInstanceOf(DatabaseException.class)
        .hasMessageStartingWith(
            "Cannot reach jdbc:postgresql://localhost:1/x. Check host, port and that the database"
                + " runs");
    assertThatThrownBy(() -> settings("jdbc:postgresql://h/x?socketFactory=a.B", "t", List.of()))
        .hasMessageStartingWith("Cannot set the driver's property socketFactory.");
  }

  private Identity named(String sink) {
    return new Identity(who.job(), sink, who.query(), who.queryId());
  }

  private static void write(
      JdbcSink sink,
      Fence<JdbcReceipt> fence,
      Identity who,
      Writing how,
      long batch,
      Dataset<Row> rows) {
    fence.begin(batch);
    StructType schema = rows.schema();
    List<JdbcReceipt> receipts =
        rows.queryExecution()
            .toRdd()
            .toJavaRDD()
            .mapPartitions(part -> List.of(task(sink, who, how, batch, schema, part)).iterator())
            .collect();
    fence.commit(batch, receipts);
  }

  private static JdbcReceipt task(
      JdbcSink sink,
      Identity who,
      Writing how,
      long batch,
      StructType schema,
      Iterator<InternalRow> rows) {
    Attempt attempt = new Attempt(who, how, batch, UUID.randomUUID(), schema);
    try (RowWriter<JdbcReceipt> writer = sink.writer(attempt)) {
      rows.forEachRemaining(writer::write);
      return writer.finish();
    }
  }

  private static RowWriter<JdbcReceipt> writer(
      JdbcSink sink, Identity who, Writing how, long batch, Dataset<Row> rows) {
    return sink.writer(new Attempt(who, how, batch, UUID.randomUUID(), rows.schema()));
  }

  private static Dataset<Row> sql(String query) {
    return Sessions.spark().sql(query);
  }

  private static List<String> read(JdbcSink sink, String query) {
    return Pools.jdbc(sink.settings().database())
        .borrow(connection -> LocalDatabase.rows(connection, query));
  }

  private static JdbcSink sink(Dialect dialect, String table, List<String> keys) {
    String url =
        switch (dialect) {
          case POSTGRESQL -> LocalPostgres.shared().url();
          case H2 -> "jdbc:h2:" + folder.resolve("h2");
          case SQLITE -> "jdbc:sqlite:" + folder.resolve(table + ".sqlite");
          case MARIADB -> LocalMariaDb.shared().url();
        };
    return new JdbcSink(settings(url, table, keys));
  }

  private static JdbcSettings settings(String url, String table, List<String> keys) {
    return new JdbcSettings(
        url,
        switch (Dialect.of(url)) {
          case POSTGRESQL -> Optional.of("postgres");
          case MARIADB -> Optional.of(LocalMariaDb.shared().user());
          case H2, SQLITE -> Optional.empty();
        },
        Optional.empty(),
        table,
        keys,
        List.of(),
        Optional.empty(),
        JdbcSettings.Existing.REPLACE,
        List.of(),
        JdbcSettings.Create.IF_MISSING,
        JdbcSettings.Form.AUTO,
        4,
        Optional.empty(),
        Duration.ofSeconds(5),
        Duration.ofSeconds(5),
        Optional.empty(),
        Duration.ZERO,
        Duration.ofMinutes(10),
        Optional.empty(),
        Map.of());
  }
}
