package io.millrace.engine.testkit;

import io.millrace.engine.spi.Ddl;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.catalyst.encoders.ExpressionEncoder;
import org.apache.spark.sql.catalyst.encoders.package$;
import org.apache.spark.sql.execution.streaming.operators.stateful.transformwithstate.statefulprocessor.ImplicitGroupingKeyTracker;
import org.apache.spark.sql.execution.streaming.operators.stateful.transformwithstate.statefulprocessor.StatefulProcessorHandleImpl;
import org.apache.spark.sql.execution.streaming.operators.stateful.transformwithstate.statefulprocessor.StatefulProcessorHandleState;
import org.apache.spark.sql.execution.streaming.operators.stateful.transformwithstate.timers.ExpiredTimerInfoImpl;
import org.apache.spark.sql.execution.streaming.operators.stateful.transformwithstate.timers.TimerValuesImpl;
import org.apache.spark.sql.execution.streaming.state.StateStore;
import org.apache.spark.sql.streaming.OutputMode;
import org.apache.spark.sql.streaming.StatefulProcessor;
import org.apache.spark.sql.streaming.StatefulProcessorHandle;
import org.apache.spark.sql.streaming.TimeMode;
import org.apache.spark.sql.streaming.TimerValues;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.Utils;
import scala.Option;
import scala.Tuple2;
import scala.collection.immutable.Map$;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Runs a {@code StatefulProcessor<Row, Row, Row>} as the step {@code stateful} does, batch by
 * batch, in a unit test without a Spark session: state and timers are Spark's own, in RocksDB, and
 * event time moves when the test says so.
 *
 * <pre>{@code
 * try (ProcessorTester tester =
 *     ProcessorTester.of(
 *         processor, List.of("machine"), "machine string, told_at timestamp", "told_at", output)) {
 *   tester.batch(RowFactory.create("m1", Timestamp.from(start)));
 *   List<Row> silent = tester.watermark(start.plusSeconds(600));
 * }
 * }</pre>
 *
 * <p>Each batch works on a copy of the processor as it was given, as each task does: what it keeps
 * in fields is gone, what it keeps in state is there. Not for use by several threads.
 */
public final class ProcessorTester implements AutoCloseable {
  private final byte[] processor;
  private final ClassLoader loader;
  private final List<String> by;
  private final String time;
  private final RowShape keys;
  private final RowShape input;
  private final RowShape output;
  private final UUID run = UUID.randomUUID();
  private final Store store;
  private final List<Row> late = new ArrayList<>();
  private Instant watermark = Instant.EPOCH;

  private ProcessorTester(
      StatefulProcessor<Row, Row, Row> processor,
      List<String> by,
      StructType input,
      String time,
      StructType output) {
    this.processor = Utils.serialize(processor);
    this.loader = processor.getClass().getClassLoader();
    this.by = List.copyOf(by);
    this.time = time;
    StructType grouped = new StructType();
    for (String name : by) {
      grouped = grouped.add(input.apply(name));
    }
    this.keys = RowShape.of(grouped);
    this.input = RowShape.of(input);
    this.output = RowShape.of(output);
    this.store = new Store(run, keys.encoder());
  }

  /**
   * A processor before its first batch. One that implements {@code Configured} has its settings.
   *
   * @param by columns that rows are grouped by
   * @param input columns of its rows, such as {@code id string, at timestamp}
   * @param time which of them is the event time
   * @param output columns of the rows that it gives
   * @throws IllegalArgumentException if {@code by} or {@code time} are not in the input
   */
  public static ProcessorTester of(
      StatefulProcessor<Row, Row, Row> processor,
      List<String> by,
      String input,
      String time,
      String output) {
    StructType columns = Ddl.parse("input", input);
    List<String> known = List.of(columns.fieldNames());
    Stream.concat(by.stream(), Stream.of(time))
        .filter(name -> !known.contains(name))
        .findFirst()
        .ifPresent(
            name -> {
              throw new IllegalArgumentException(
                  "Unknown column " + name + ". There are " + String.join(", ", known));
            });
    return new ProcessorTester(processor, by, columns, time, Ddl.parse("output", output));
  }

  /**
   * A batch of rows, then the timers that have expired by the watermark as it stands. Rows without
   * a time do not reach the processor, nor do those at or behind the watermark.
   *
   * @param rows with the columns of the input, in the order in which a key gets them
   * @return what the processor gives for the rows, then for the timers, in their order
   */
  public List<Row> batch(Row... rows) {
    Map<Row, List<Row>> groups = new LinkedHashMap<>();
    for (Row given : rows) {
      Row row = input.copy(given);
      Timestamp at = row.getAs(time);
      if (at != null && at.toInstant().isAfter(watermark)) {
        groups.computeIfAbsent(key(row), key -> new ArrayList<>()).add(row);
      } else if (at != null) {
        late.add(row);
      }
    }
    return work(groups);
  }

  /**
   * A batch without rows, with the watermark moved on.
   *
   * @param to where it is from now on, in whole milliseconds
   * @return what the timers that have expired by then give, in their order
   * @throws IllegalArgumentException if that is behind where it is: a watermark does not go back
   */
  public List<Row> watermark(Instant to) {
    if (to.isBefore(watermark)) {
      throw new IllegalArgumentException(
          "Cannot move the watermark back from " + watermark + " to " + to);
    }
    watermark = Instant.ofEpochMilli(to.toEpochMilli());
    return work(Map.of());
  }

  /** All rows that came at or behind the watermark, in their order. */
  public List<Row> late() {
    return List.copyOf(late);
  }

  /** When the timers of a key expire that it waits for, in their order. */
  public List<Instant> timers(Object... key) {
    return look(
        true,
        key(key),
        handle ->
            CollectionConverters.asJava(handle.listTimers().toSeq()).stream()
                .map(each -> Instant.ofEpochMilli((Long) each))
                .sorted()
                .toList());
  }

  /**
   * What state has of a key.
   *
   * @param key the values of the {@code by} columns
   * @param look reads state through a handle of its own, such as {@code handle ->
   *     handle.getValueState("last", Encoders.LONG(), TTLConfig.NONE()).get()}; what it changes is
   *     lost
   */
  public <T> T state(List<?> key, Function<StatefulProcessorHandle, T> look) {
    return look(false, key(key.toArray()), look);
  }

  private <T> T look(boolean ready, Row key, Function<StatefulProcessorHandle, T> look) {
    StateStore opened = store.open();
    try {
      StatefulProcessorHandleImpl handle = handle(opened);
      if (ready) {
        handle.setHandleState(StatefulProcessorHandleState.INITIALIZED());
      }
      return within(key, () -> look.apply(handle));
    } finally {
      opened.abort();
    }
  }

  private Row key(Row row) {
    return key(by.stream().map(name -> row.<Object>getAs(name)).toArray());
  }

  private Row key(Object... values) {
    return keys.copy(RowFactory.create(values));
  }

  private StatefulProcessorHandleImpl handle(StateStore opened) {
    return new StatefulProcessorHandleImpl(
        opened,
        run,
        keys.any(),
        TimeMode.EventTime(),
        false,
        Option.apply(0L),
        Map$.MODULE$.empty());
  }

  private List<Row> work(Map<Row, List<Row>> groups) {
    StateStore opened = store.open();
    try {
      StatefulProcessorHandleImpl handle = handle(opened);
      StatefulProcessor<Row, Row, Row> fresh = Utils.deserialize(processor, loader);
      fresh.setHandle(handle);
      fresh.init(OutputMode.Append(), TimeMode.EventTime());
      handle.setHandleState(StatefulProcessorHandleState.INITIALIZED());
      List<Row> given = new ArrayList<>(rows(fresh, groups));
      handle.setHandleState(StatefulProcessorHandleState.DATA_PROCESSED());
      given.addAll(timers(fresh, handle));
      handle.setHandleState(StatefulProcessorHandleState.TIMER_PROCESSED());
      store.commit(opened);
      fresh.close();
      return given;
    } finally {
      if (!opened.hasCommitted()) {
        opened.abort();
      }
    }
  }

  private List<Row> rows(StatefulProcessor<Row, Row, Row> fresh, Map<Row, List<Row>> groups) {
    List<Row> given = new ArrayList<>();
    groups.forEach(
        (key, rows) ->
            given.addAll(
                within(
                    key,
                    () ->
                        drained(
                            fresh.handleInputRows(
                                key, CollectionConverters.asScala(rows.iterator()), times())))));
    return given;
  }

  /** Timers that are set meanwhile have to wait for the next batch. */
  private List<Row> timers(
      StatefulProcessor<Row, Row, Row> fresh, StatefulProcessorHandleImpl handle) {
    List<Tuple2<Object, Object>> expired =
        new ArrayList<>(
            CollectionConverters.asJava(handle.getExpiredTimers(watermark.toEpochMilli()).toSeq()));
    List<Row> given = new ArrayList<>();
    for (Tuple2<Object, Object> timer : expired) {
      Row key = (Row) timer._1();
      long at = (Long) timer._2();
      given.addAll(
          within(
              key,
              () -> {
                List<Row> rows =
                    drained(
                        fresh.handleExpiredTimer(
                            key, times(), new ExpiredTimerInfoImpl(Option.apply(at))));
                handle.deleteTimer(at);
                return rows;
              }));
    }
    return given;
  }

  private List<Row> drained(scala.collection.Iterator<Row> rows) {
    List<Row> copies = new ArrayList<>();
    CollectionConverters.asJava(rows).forEachRemaining(row -> copies.add(output.copy(row)));
    return copies;
  }

  private TimerValues times() {
    return new TimerValuesImpl(Option.apply(0L), Option.apply(watermark.toEpochMilli()));
  }

  private static <T> T within(Row key, Supplier<T> work) {
    ImplicitGroupingKeyTracker.setImplicitKey(key);
    try {
      return work.get();
    } finally {
      ImplicitGroupingKeyTracker.removeImplicitKey();
    }
  }

  /** Deletes its state. */
  @Override
  public void close() {
    store.close();
  }

  /** Rows of one schema, as they are on their way through Spark. */
  private record RowShape(
      ExpressionEncoder<Row> encoder,
      ExpressionEncoder.Serializer<Row> serializer,
      ExpressionEncoder.Deserializer<Row> deserializer) {
    static RowShape of(StructType columns) {
      ExpressionEncoder<Row> encoder = package$.MODULE$.encoderFor(Encoders.row(columns));
      ExpressionEncoder<Row> bound =
          encoder.resolveAndBind(
              encoder.resolveAndBind$default$1(), encoder.resolveAndBind$default$2());
      return new RowShape(encoder, bound.createSerializer(), bound.createDeserializer());
    }

    Row copy(Row row) {
      return deserializer.apply(serializer.apply(row).copy());
    }

    @SuppressWarnings("unchecked") // Spark takes keys of any sort by it
    ExpressionEncoder<Object> any() {
      return (ExpressionEncoder<Object>) (ExpressionEncoder<?>) encoder;
    }
  }
}
