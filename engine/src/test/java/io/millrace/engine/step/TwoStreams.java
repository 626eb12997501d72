package io.millrace.engine.step;

import io.millrace.engine.spi.Late;
import io.millrace.engine.spi.Planned;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RuntimeConfig;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.execution.streaming.runtime.MemoryStream;
import org.apache.spark.sql.execution.streaming.runtime.MemoryStream$;
import org.apache.spark.sql.streaming.StreamingQuery;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Runs a step over two streams, and others behind it, in append mode. A row is a key {@code k},
 * which may be the word null, and a second since 1970 as its event time, no number for none.
 */
final class TwoStreams implements AutoCloseable {
  private static final String PARTITIONS = "spark.sql.shuffle.partitions";

  private final MemoryStream<String> left;
  private final MemoryStream<String> right;
  private final StreamingQuery query;
  private final String table;

  /**
   * One of the streams.
   *
   * @param time the name of its event time, which has a watermark without delay
   */
  record Side(String name, String time) {}

  private TwoStreams(
      MemoryStream<String> left, MemoryStream<String> right, StreamingQuery query, String table) {
    this.left = left;
    this.right = right;
    this.query = query;
    this.table = table;
  }

  static TwoStreams of(String table, Side left, Side right, Planned... steps)
      throws TimeoutException {
    MemoryStream<String> lefts = MemoryStream$.MODULE$.apply(Encoders.STRING(), Tables.spark());
    MemoryStream<String> rights = MemoryStream$.MODULE$.apply(Encoders.STRING(), Tables.spark());
    List<Planned.Input> inputs = List.of(input(left, lefts), input(right, rights));
    for (Planned step : steps) {
      inputs = List.of(new Planned.Input("rows", run(step, inputs)));
    }
    return new TwoStreams(lefts, rights, start(frame(inputs.get(0).plan()), table), table);
  }

  /** The same of whatever is made of the two. */
  static TwoStreams over(
      String table, Side left, Side right, Function<List<Planned.Input>, Dataset<Row>> results)
      throws TimeoutException {
    MemoryStream<String> lefts = MemoryStream$.MODULE$.apply(Encoders.STRING(), Tables.spark());
    MemoryStream<String> rights = MemoryStream$.MODULE$.apply(Encoders.STRING(), Tables.spark());
    List<Planned.Input> inputs = List.of(input(left, lefts), input(right, rights));
    return new TwoStreams(lefts, rights, start(results.apply(inputs), table), table);
  }

  /** A join keeps four stores for each partition of its state, so one of these is enough. */
  private static StreamingQuery start(Dataset<Row> rows, String table) throws TimeoutException {
    RuntimeConfig settings = Tables.spark().conf();
    String before = settings.get(PARTITIONS);
    settings.set(PARTITIONS, "1");
    try {
      return rows.writeStream().format("memory").queryName(table).outputMode("append").start();
    } finally {
      settings.set(PARTITIONS, before);
    }
  }

  private static Planned.Input input(Side side, MemoryStream<String> memory) {
    LogicalPlan rows =
        Tables.analysed(
            memory
                .toDF()
                .selectExpr(
                    "nullif(split(value, ' ')[0], 'null') as k",
                    "timestamp_seconds(try_cast(split(value, ' ')[1] as bigint)) as "
                        + side.time()));
    return new Planned.Input(
        side.name(), run(watermark(side.time()), List.of(new Planned.Input(side.name(), rows))));
  }

  private static LogicalPlan run(Planned step, List<Planned.Input> inputs) {
    return Tables.analysed(frame(step.plan(inputs)));
  }

  private static Dataset<Row> frame(LogicalPlan plan) {
    return org.apache.spark.sql.classic.Dataset.ofRows(Tables.spark(), plan);
  }

  /** A watermark without delay. */
  static WatermarkStep watermark(String time) {
    return new WatermarkStep(
        new WatermarkStep.Settings(
            time, Duration.ZERO, Late.DROP, Optional.empty(), Optional.empty(), Optional.empty()));
  }

  /** Adds rows to the left stream and waits until they and what they close are written. */
  void left(String... rows) {
    add(left, rows);
  }

  /** Adds rows to the right stream and waits until they and what they close are written. */
  void right(String... rows) {
    add(right, rows);
  }

  private void add(MemoryStream<String> memory, String... rows) {
    memory.addData(CollectionConverters.asScala(List.of(rows)).toSeq());
    query.processAllAvailable();
  }

  List<String> columns() {
    return Tables.columns(Tables.spark().table(table));
  }

  /** All rows written so far, picked by SQL expressions, sorted. */
  List<String> rows(String... columns) {
    return where("true", columns);
  }

  /** The same of those that meet a condition. */
  List<String> where(String condition, String... columns) {
    return Tables.rows(Tables.spark().table(table).where(condition).selectExpr(columns));
  }

  @Override
  public void close() throws TimeoutException {
    Tables.stop(query);
  }
}
