package io.millrace.sinks.testing;

import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.OneTask;
import io.millrace.engine.spi.Receipt;
import io.millrace.engine.spi.RowSink;
import io.millrace.engine.spi.RowWriter;
import io.millrace.engine.spi.Write;
import io.millrace.engine.spi.Writers;
import io.millrace.engine.spi.Writing;
import io.millrace.engine.testing.Sessions;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;

/** Batches for sinks, and one Spark job per batch for row sinks. */
public final class Batches {
  public static final Writing APPEND = new Writing(Mode.APPEND, Write.APPEND);
  public static final Writing UPDATE = new Writing(Mode.UPDATE, Write.APPEND);
  public static final Writing COMPLETE = new Writing(Mode.COMPLETE, Write.APPEND);
  public static final Writing UPSERT = new Writing(Mode.APPEND, Write.UPSERT);

  /** Every type of Spark that SQL can write down, a row of values and a row of nulls. */
  public static final String EVERY_TYPE =
      """
      select cast(1 as tinyint) a_byte, cast(2 as smallint) a_short, 3 an_int, 4L a_long,
        cast(1.5 as float) a_float, 2.5D a_double, 3.25BD a_decimal, true a_boolean, 'tëxt' a_text,
        X'CAFE' bytes, date'2026-01-02' a_date, timestamp'2026-01-02 03:04:05.006' a_time,
        timestamp_ntz'2026-01-02 03:04:05.006' a_local_time, array(1, null) a_list,
        map('k', 1.5D) a_map, named_struct('x', 1, 'y', array('z')) a_struct
      union all select null, null, null, null, null, null, null, null, null, null, null, null, null,
        null, null, null
      """;

  private Batches() {}

  /** A query with a checkpoint of its own. */
  public static Identity query() {
    return new Identity("job", "sink", "query", UUID.randomUUID());
  }

  public static Dataset<Row> sql(String text) {
    return Sessions.spark().sql(text);
  }

  public static Batch batch(Identity who, long id, Dataset<Row> rows) {
    return new Batch(who, APPEND, id, rows);
  }

  /** Runs one batch as a query does: begin, tasks, commit; skipped where the sink has it. */
  public static <R extends Receipt> List<R> run(
      RowSink<R> sink, Identity who, Writing how, long batch, Dataset<Row> rows) {
    try (Fence<R> fence = sink.start(who, how, rows.schema())) {
      if (fence.last() >= batch) {
        return List.of();
      }
      fence.begin(batch);
      try {
        List<R> receipts = tasks(sink, who, how, batch, rows);
        fence.commit(batch, receipts);
        return receipts;
      } catch (RuntimeException e) {
        fence.abort(batch);
        throw e;
      }
    }
  }

  /** The tasks of a batch that was begun. */
  public static <R extends Receipt> List<R> tasks(
      RowSink<R> sink, Identity who, Writing how, long batch, Dataset<Row> rows) {
    Attempt template = new Attempt(who, how, batch, UUID.randomUUID(), rows.schema());
    return new ArrayList<>(
        rows.queryExecution().toRdd().toJavaRDD().mapPartitions(task(sink, template)).collect());
  }

  /** The rows of a batch for a sink that takes them in one task. */
  public static <R extends Receipt> OneTask<R> oneTask(
      Identity who, Writing how, long batch, Dataset<Row> rows) {
    Attempt template = new Attempt(who, how, batch, UUID.randomUUID(), rows.schema());
    return writers ->
        rows.queryExecution()
            .toRdd()
            .toJavaRDD()
            .coalesce(1)
            .mapPartitions(task(writers, template))
            .collect()
            .get(0);
  }

  private static <R extends Receipt> FlatMapFunction<Iterator<InternalRow>, R> task(
      Writers<R> writers, Attempt template) {
    return rows -> {
      Attempt attempt =
          new Attempt(
              template.who(), template.how(), template.batch(), UUID.randomUUID(), template.rows());
      try (RowWriter<R> writer = writers.writer(attempt)) {
        rows.forEachRemaining(writer::write);
        return List.of(writer.finish()).iterator();
      }
    };
  }
}
