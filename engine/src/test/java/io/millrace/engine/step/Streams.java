package io.millrace.engine.step;

import io.millrace.engine.spi.Planned;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.classic.Dataset;
import org.apache.spark.sql.execution.streaming.runtime.MemoryStream;
import org.apache.spark.sql.execution.streaming.runtime.MemoryStream$;
import org.apache.spark.sql.streaming.StreamingQuery;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Runs steps over a stream of rows {@code k, t}: a key, which may be the word null, and a second
 * since 1970, no number for none.
 */
final class Streams implements AutoCloseable {
  private static final String PARTITIONS = "spark.sql.shuffle.partitions";

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
    Planned.Input rows = rows(memory);
    for (Planned step : steps) {
      rows = new Planned.Input("rows", Tables.analysed(Tables.run(step, rows)));
    }
    Dataset<Row> results = Dataset.ofRows(Tables.spark(), rows.plan());
    return new Streams(memory, start(results, table, mode), table);
  }

  /** The same of whatever is made of the rows, in mode append and with one partition of state. */
  static Streams over(
      String table, Function<Planned.Input, org.apache.spark.sql.Dataset<Row>> results)
      throws TimeoutException {
    MemoryStream<String> memory = MemoryStream$.MODULE$.apply(Encoders.STRING(), Tables.spark());
    String before = Tables.spark().conf().get(PARTITIONS);
    Tables.spark().conf().set(PARTITIONS, "1");
    try {
      return new Streams(memory, start(results.apply(rows(memory)), table, "append"), table);
    } finally {
      Tables.spark().conf().set(PARTITIONS, before);
    }
  }

  private static Planned.Input rows(MemoryStream<String> memory) {
    return new Planned.Input(
        "rows",
        Tables.analysed(
            memory
                .toDF()
                .selectExpr(
                    "nullif(split(value, ' ')[0], 'null') as k",
                    "timestamp_seconds(try_cast(split(value, ' ')[1] as bigint)) as t",
                    "get(split(value, ' '), 2) as v",
                    "try_cast(get(split(value, ' '), 2) as bigint) as n",
                    "named_struct('offset', 1L, 'timestamp',"
                        + " timestamp_seconds(try_cast(split(value, ' ')[1] as bigint))) as"
                        + " _source")));
  }

  private static StreamingQuery start(
      org.apache.spark.sql.Dataset<Row> results, String table, String mode)
      throws TimeoutException {
    return results.writeStream().format("memory").queryName(table).outputMode(mode).start();
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
