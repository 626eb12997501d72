package io.millrace.sinks.delta;

import static io.millrace.sinks.testing.Batches.APPEND;
import static io.millrace.sinks.testing.Batches.COMPLETE;
import static io.millrace.sinks.testing.Batches.EVERY_TYPE;
import static io.millrace.sinks.testing.Batches.UPDATE;
import static io.millrace.sinks.testing.Batches.batch;
import static io.millrace.sinks.testing.Batches.query;
import static io.millrace.sinks.testing.Batches.sql;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.Write;
import io.millrace.engine.spi.Writing;
import io.millrace.engine.testing.Sessions;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.delta.DeltaConcurrentModificationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeltaSinkTest {
  private final Path folder;

  DeltaSinkTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private String path() {
    return folder.resolve("table").toString();
  }

  private DeltaSink sink(String... partitionBy) {
    return new Given(folder).sink("partition-by: " + List.of(partitionBy));
  }

  private static DeltaSink named(String table, String... partitionBy) {
    return new DeltaSink(
        Given.settings("{table: " + table + ", partition-by: " + List.of(partitionBy) + "}"));
  }

  private List<String> rows() {
    return Sessions.spark().read().format("delta").load(path()).collectAsList().stream()
        .map(Row::mkString)
        .toList();
  }

  @Test
  void appendsABatchOnceHoweverOftenItComes() {
    Identity who = query();
    sink().write(batch(who, 0, sql("select id from range(2)")));
    sink().write(batch(who, 1, sql("select id from range(2, 4)")));
    sink().write(batch(who, 1, sql("select id from range(2, 4)")));
    sink().write(batch(who, 0, sql("select id from range(2)")));

    assertThat(rows()).containsExactlyInAnyOrder("0", "1", "2", "3");
    List<Row> history = sql("describe history delta.`" + path() + "`").collectAsList();
    assertThat(history).hasSize(2);
    assertThat(history.get(0).<String>getAs("userMetadata"))
        .isEqualTo("millrace job=job sink=sink query=query batch=1");
  }

  @Test
  void remembersEmptyBatches() {
    Identity who = query();
    sink().write(batch(who, 0, sql("select id from range(1)")));
    sink().write(batch(who, 1, sql("select id from range(0)")));
    sink().write(batch(who, 1, sql("select id from range(9)")));

    assertThat(rows()).containsExactly("0");
  }

  @Test
  void readsTheLogForNoBatchThatFollowsAnother() throws Exception {
    Identity who = query();
    sink().write(batch(who, 0, sql("select id from range(1)")));
    Set<String> told = ConcurrentHashMap.newKeySet();
    SparkListener jobs =
        new SparkListener() {
          @Override
          public void onJobStart(SparkListenerJobStart job) {
            told.add(String.valueOf(job.properties().getProperty("spark.job.description")));
          }
        };
    SparkContext spark = Sessions.spark().sparkContext();
    spark.addSparkListener(jobs);
    try {
      sink().write(batch(who, 1, sql("select id from range(1)")));
      sink().write(batch(who, 2, sql("select id from range(1)")));
      sink().write(batch(who, 2, sql("select id from range(1)")));
      spark.listenerBus().waitUntilEmpty();
    } finally {
      spark.removeSparkListener(jobs);
    }
    assertThat(rows()).hasSize(3);
    assertThat(told).isNotEmpty().noneMatch(description -> description.contains("snapshot"));
  }

  @Test
  void takesABatchOnceWhereAnotherStartWritesItMeanwhile() {
    Identity who = query();
    sink().write(batch(who, 0, sql("select 100L id")));
    AtomicBoolean written = new AtomicBoolean();
    ForeignWrite.NOW.set(
        () -> {
          if (written.compareAndSet(false, true)) {
            sink().write(batch(who, 1, sql("select 1L id")));
          }
        });
    Dataset<Row> slow =
        sql("select id from range(1, 2, 1, 1)")
            .map(
                (MapFunction<Row, Row>) ForeignWrite::then,
                Encoders.row(sql("select 1L id").schema()));

    assertThatThrownBy(() -> sink().write(batch(who, 1, slow)))
        .isInstanceOf(DeltaConcurrentModificationException.class);
    assertThat(rows()).containsExactlyInAnyOrder("100", "1");
    sink().write(batch(who, 1, sql("select 1L id")));
    assertThat(rows()).containsExactlyInAnyOrder("100", "1");
  }

  /** What is done while the rows of a batch are read, on a thread that is none of a task. */
  private static final class ForeignWrite {
    static final AtomicReference<Runnable> NOW = new AtomicReference<>();

    static Row then(Row row) throws InterruptedException {
      Thread other = new Thread(NOW.get());
      other.start();
      other.join();
      return row;
    }
  }

  @Test
  void appendsTheBatchesOfAnotherCheckpointAndOfAnotherSink() {
    sink().write(batch(query(), 0, sql("select 1L id")));
    Identity who = query();
    sink().write(batch(who, 0, sql("select 2L id")));
    sink()
        .write(batch(new Identity("job", "other", "query", who.queryId()), 0, sql("select 3L id")));

    assertThat(rows()).containsExactlyInAnyOrder("1", "2", "3");
  }

  @Test
  void leavesNothingOfABatchThatFailsHalfWay() {
    Identity who = query();
    sink().write(batch(who, 0, sql("select 100L id")));
    assertThatThrownBy(
            () ->
                sink()
                    .write(
                        batch(
                            who,
                            1,
                            sql(
                                "select if(id = 3, raise_error('boom'), id) id from range(0, 4, 1, 2)"))))
        .hasStackTraceContaining("boom");
    assertThat(rows()).containsExactly("100");

    sink().write(batch(who, 1, sql("select id from range(0, 4, 1, 2)")));
    assertThat(rows()).containsExactlyInAnyOrder("100", "0", "1", "2", "3");
  }

  @Test
  void replacesTheRowsInModeComplete() {
    Identity who = query();
    sink().write(new Batch(who, COMPLETE, 0, sql("select id from range(3)")));
    sink().write(new Batch(who, COMPLETE, 1, sql("select id from range(1)")));
    sink().write(new Batch(who, COMPLETE, 0, sql("select id from range(3)")));

    assertThat(rows()).containsExactly("0");
  }

  @Test
  void createsATableOfTheCatalogWithItsPartitions() {
    Identity who = query();
    named("partitioned", "d").write(batch(who, 0, sql("select 1 id, date'2026-01-02' d")));
    named("partitioned", "d").write(batch(who, 0, sql("select 1 id, date'2026-01-02' d")));
    named("partitioned", "d").write(batch(who, 1, sql("select 2 id, date'2026-01-03' d")));

    assertThat(sql("select id from partitioned order by id").collectAsList())
        .extracting(row -> row.getInt(0))
        .containsExactly(1, 2);
    assertThat(
            sql("describe detail partitioned")
                .head()
                .getList(
                    sql("describe detail partitioned").schema().fieldIndex("partitionColumns")))
        .isEqualTo(List.of("d"));
  }

  @Test
  void keepsEveryTypeOrSaysThatItCannot() {
    sink().write(batch(query(), 0, sql("select *, parse_json('1') v from (" + EVERY_TYPE + ")")));
    assertThat(rows()).hasSize(2);
    assertThat(Sessions.spark().read().format("delta").load(path()).schema().asNullable())
        .isEqualTo(
            sql("select *, parse_json('1') v from (" + EVERY_TYPE + ")").schema().asNullable());

    for (String refused :
        List.of(
            "null",
            "interval 1 month",
            "interval 2 second",
            "make_interval(1)",
            "time'12:00:00'")) {
      assertThatThrownBy(
              () ->
                  sink()
                      .write(batch(query(), 0, sql("select named_struct('x', " + refused + ") a"))))
          .hasMessageStartingWith("Cannot keep column a.x of type ")
          .hasMessageEndingWith(" in a Delta table. Cast it in a sql step, for example to string");
    }
  }

  /** The greatest and least values of each type, and those that are easily mistaken. */
  @Test
  void keepsTheExtremesOfEachType() {
    String extremes =
        """
        values
          (-128Y, -32768S, -2147483648, -9223372036854775808L, float('-infinity'),
            double('nan'), -99999999999999999999999999999999999999BD, '', X'', date'0001-01-01',
            timestamp'0001-01-01 00:00:00', timestamp_ntz'0001-01-01 00:00:00', array(), map()),
          (127Y, 32767S, 2147483647, 9223372036854775807L, float('nan'), 1.7976931348623157E308D,
            99999999999999999999999999999999999999BD, 'a\u0000\n\ud83d\ude80', X'00FF',
            date'9999-12-31', timestamp'9999-12-31 23:59:59.999999',
            timestamp_ntz'9999-12-31 23:59:59.999999', array(cast(null as int)), map('', 1)),
          (0Y, 0S, 0, 0L, float('-0.0'), 4.9E-324D, 0BD,
            ' null ', null, date'1582-10-04', timestamp'1582-10-04 12:00:00',
            timestamp_ntz'1900-01-01 00:00:00.000001', null, null)
        t(b, s, i, l, f, d, n, t, x, day, at, local, many, pairs)
        """;
    String[] columns = {
      "b",
      "s",
      "i",
      "l",
      "f",
      "d",
      "n",
      "t",
      "hex(x)",
      "day",
      "at",
      "local",
      "many",
      "to_json(pairs)"
    };
    Dataset<Row> rows = sql(extremes);
    sink().write(batch(query(), 0, rows));

    assertThat(new Given(folder).rows(columns))
        .containsExactlyInAnyOrderElementsOf(
            rows.selectExpr(columns).collectAsList().stream()
                .map(row -> row.mkString(" "))
                .toList())
        .hasSize(3);
  }

  @Test
  void replacesThePartitionsOfABatchAndLeavesTheOthers() {
    for (String where : List.of("path: \"" + path() + "\"", "table: replaced")) {
      DeltaSink sink =
          new DeltaSink(
              Given.settings("{" + where + ", partition-by: [day], replace: partitions}"));
      Identity who = query();
      sink.write(batch(who, 0, sql("values (1, 'mon'), (2, 'mon'), (3, 'tue') t(id, day)")));
      sink.write(batch(who, 1, sql("values (4, 'mon'), (5, 'wed') t(id, day)")));
      sink.write(batch(who, 1, sql("values (6, 'tue') t(id, day)")));
      sink.write(batch(who, 2, sql("select 1 id, 'mon' day where false")));
      sink.write(batch(who, 2, sql("values (7, 'mon') t(id, day)")));

      Dataset<Row> table =
          where.startsWith("path") ? new Given(folder).table() : Sessions.spark().table("replaced");
      assertThat(table.orderBy("id").collectAsList())
          .extracting(Row::toString)
          .containsExactly("[3,tue]", "[4,mon]", "[5,wed]");
      assertThat(sink.held(Sessions.spark(), who).orElseThrow().batch()).isEqualTo(2);
    }
    assertThatThrownBy(
            () ->
                new DeltaSink(Given.settings("{table: plain, replace: partitions}"))
                    .write(batch(query(), 0, sql("select 1 id"))))
        .hasMessageStartingWith("Needs partitions to replace: the Delta table plain has none.");
  }

  @Test
  void saysWhatItPromisesAndRefuses() {
    assertThat(sink().guarantee(APPEND)).isEqualTo(Guarantee.EXACTLY_ONCE);
    assertThat(sink().guarantee(COMPLETE)).isEqualTo(Guarantee.EXACTLY_ONCE);
    assertThatThrownBy(() -> sink().guarantee(new Writing(Mode.APPEND, Write.DELETE)))
        .hasMessage(
            "Cannot delete in Delta: this is not supported yet. Use write: merge with delete-when");
    assertThatThrownBy(() -> sink().guarantee(UPDATE))
        .hasMessageStartingWith("Cannot append in output mode update: ");
    assertThatThrownBy(() -> new Given(folder).sink("replace: partitions").guarantee(COMPLETE))
        .hasMessageStartingWith("Cannot replace partitions in mode complete: ");
    assertThatThrownBy(() -> Given.settings("{}"))
        .hasMessage("Missing path or table. Name one of them");
    assertThatThrownBy(() -> Given.settings("{path: a, options: {txnVersion: 1}}"))
        .hasMessageStartingWith("Cannot set the option txnVersion: the toolkit sets it");
  }
}
