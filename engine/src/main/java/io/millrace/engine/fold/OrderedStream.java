package io.millrace.engine.fold;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.streaming.ExpiredTimerInfo;
import org.apache.spark.sql.streaming.ListState;
import org.apache.spark.sql.streaming.OutputMode;
import org.apache.spark.sql.streaming.StatefulProcessor;
import org.apache.spark.sql.streaming.StatefulProcessorHandle;
import org.apache.spark.sql.streaming.TTLConfig;
import org.apache.spark.sql.streaming.TimeMode;
import org.apache.spark.sql.streaming.TimerValues;
import org.apache.spark.sql.streaming.ValueState;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;

/**
 * A fold over a stream. Rows wait in the state until the watermark has passed them, and are told
 * then. Of each key there is one timer: at its first waiting row, or at the alarm of the fold.
 */
public final class OrderedStream extends StatefulProcessor<Row, InternalRow, InternalRow> {
  private static final long serialVersionUID = 1;

  private final Fold fold;
  private final StructType keys;
  private final StructType rows;
  private transient @Nullable Work work;

  /**
   * A fold.
   *
   * @param keys the columns of a key
   * @param rows the columns of a row that is told
   */
  public OrderedStream(Fold fold, StructType keys, StructType rows) {
    this.fold = fold;
    this.keys = keys;
    this.rows = rows;
  }

  @Override
  public void init(OutputMode output, TimeMode time) {
    StatefulProcessorHandle handle = getHandle();
    work =
        new Work(
            handle,
            handle.getListState("waiting", Encoders.BINARY(), TTLConfig.NONE()),
            handle.getValueState("memory", Encoders.BINARY(), TTLConfig.NONE()),
            fold.open(),
            UnsafeProjection.create(rows),
            CatalystTypeConverters.createToCatalystConverter(keys),
            rows.length());
  }

  private Work work() {
    if (work == null) {
      throw new IllegalStateException("Cannot work before init");
    }
    return work;
  }

  @Override
  public Iterator<InternalRow> handleInputRows(
      Row key, Iterator<InternalRow> next, TimerValues times) {
    work().wait(next);
    return CollectionConverters.asScala(List.<InternalRow>of().iterator());
  }

  @Override
  public Iterator<InternalRow> handleExpiredTimer(
      Row key, TimerValues times, ExpiredTimerInfo timer) {
    return CollectionConverters.asScala(
        work().tell(key, times.getCurrentWatermarkInMs()).iterator());
  }

  /** The state of the key that Spark works on. */
  private record Work(
      StatefulProcessorHandle handle,
      ListState<byte[]> waiting,
      ValueState<byte[]> memory,
      Folding folding,
      UnsafeProjection packing,
      scala.Function1<Object, Object> catalyst,
      int width) {

    /** Puts rows aside, and sees to it that the first of them is told in its time. */
    void wait(Iterator<InternalRow> next) {
      long first = Memory.NEVER;
      List<byte[]> packed = new ArrayList<>();
      while (next.hasNext()) {
        UnsafeRow row = packing.apply(next.next()).copy();
        first = Math.min(first, Memory.passed(row.getLong(Fold.TIME)));
        packed.add(row.getBytes());
      }
      waiting.appendList(packed.toArray(byte[][]::new));
      Memory known = Memory.of(memory);
      if (first < known.timer()) {
        if (known.timer() != Memory.NEVER) {
          handle.deleteTimer(known.timer());
        }
        handle.registerTimer(first);
        new Memory(first, known.fold()).into(memory);
      }
    }

    /** Tells what the watermark has passed. Spark deletes the timer that has fired. */
    List<InternalRow> tell(Row key, long watermark) {
      long until = watermark * 1_000;
      List<UnsafeRow> due = new ArrayList<>();
      List<byte[]> rest = new ArrayList<>();
      long first = Memory.NEVER;
      Iterator<byte[]> all = waiting.get();
      while (all.hasNext()) {
        byte[] bytes = all.next();
        UnsafeRow row = Values.row(bytes, width);
        if (row.getLong(Fold.TIME) <= until) {
          due.add(row);
        } else {
          rest.add(bytes);
          first = Math.min(first, Memory.passed(row.getLong(Fold.TIME)));
        }
      }
      due.sort(Telling.ORDER);
      List<InternalRow> out = new ArrayList<>();
      folding.begin((InternalRow) catalyst.apply(key), Memory.of(memory).fold());
      due.forEach(row -> Telling.row(folding, row, out::add));
      Telling.alarms(folding, until, out::add);
      remember(due.isEmpty(), rest, first);
      return out;
    }

    private void remember(boolean same, List<byte[]> rest, long first) {
      if (rest.isEmpty()) {
        waiting.clear();
      } else if (!same) {
        waiting.put(rest.toArray(byte[][]::new));
      }
      long timer = Math.min(first, Memory.timer(folding));
      byte[] fold = folding.end();
      if (timer != Memory.NEVER) {
        handle.registerTimer(timer);
      }
      new Memory(timer, fold).into(memory);
    }
  }
}
