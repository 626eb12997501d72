package io.millrace.engine.step;

import io.millrace.engine.spi.Planned;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.execution.streaming.runtime.MemoryStream;
import org.apache.spark.sql.execution.streaming.runtime.MemoryStream$;
import org.apache.spark.sql.streaming.StreamingQuery;
import scala.jdk.javaapi.CollectionConverters;

/** Runs steps over a stream of rows {@code k, t}: a key, and a second of the first hour of 1970. */
final class Streams implements AutoCloseable {
  private final MemoryStream<String> memory;
  private final StreamingQuery query;
  private final String table;

  private Streams(MemoryStream<String> memory, StreamingQuery query, String table) {
    this.memory = memory;
    this.query = query;
    this.table = table;
  }

  static Streams of(String table, String mode, Planned... steps) throws TimeoutException {
    MemoryStream<String> memory = MemoryStream$.MODULE$.apply(Encoders.STRING(), Tables.spark());
    var plan =
        Tables.analysed(
            memory
                .toDF()
                .selectExpr(
                    "split(value, ' ')[0] as k",
                    "timestamp_seconds(cast(split(value, ' ')[1] as int)) as t",
                    "get(split(value, ' '), 2) as v",
                    "try_cast(get(split(value, ' '), 2) as bigint) as n",
                    "named_struct('offset', 1L, 'timestamp', timestamp_seconds(cast(split(value,"
                        + " ' ')[1] as int))) as _source"));
    for (Planned step : steps) {
      plan =
          Tables.analysed(
              org.apache.spark.sql.classic.Dataset.ofRows(
                  Tables.spark(), step.plan(List.of(new Planned.Input("rows", plan)))));
    }
    StreamingQuery query =
        org.apache.spark.sql.classic.Dataset.ofRows(Tables.spark(), plan)
            .writeStream()
            .format("memory")
            .queryName(table)
            .outputMode(mode)
            .start();
    return new Streams(memory, query, table);
  }

  /** Adds one batch of rows and waits until it and what it closes is written. */
  Streams add(String... rows) {
    memory.addData(CollectionConverters.asScala(List.of(rows)).toSeq());
    query.processAllAvailable();
    return this;
  }

  /** All rows written so far, picked by SQL expressions, sorted. */
  List<String> rows(String... columns) {
    return Tables.rows(Tables.spark().table(table).selectExpr(columns));
  }

  @Override
  public void close() throws TimeoutException {
    Tables.stop(query);
  }
}
