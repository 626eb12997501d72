package io.millrace.engine.fold;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.streaming.ExpiredTimerInfo;
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
 * A fold over a stream that is told its rows as they come: for one to which their order is all the
 * same until an alarm. Its alarms come when the watermark has passed them.
 */
public final class ArrivingStream extends StatefulProcessor<Row, InternalRow, InternalRow> {
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
  public ArrivingStream(Fold fold, StructType keys, StructType rows) {
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
            handle.getValueState("memory", Encoders.BINARY(), TTLConfig.NONE()),
            fold.open(),
            UnsafeProjection.create(rows),
            CatalystTypeConverters.createToCatalystConverter(keys));
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
    return CollectionConverters.asScala(
        work().tell(key, next, times.getCurrentProcessingTimeInMs()).iterator());
  }

  @Override
  public Iterator<InternalRow> handleExpiredTimer(
      Row key, TimerValues times, ExpiredTimerInfo timer) {
    return CollectionConverters.asScala(
        work().wake(key, times.getCurrentWatermarkInMs()).iterator());
  }

  /** The state of the key that Spark works on. */
  private record Work(
      StatefulProcessorHandle handle,
      ValueState<byte[]> memory,
      Folding folding,
      UnsafeProjection packing,
      scala.Function1<Object, Object> catalyst) {

    List<InternalRow> tell(Row key, Iterator<InternalRow> next, long now) {
      List<InternalRow> out = new ArrayList<>();
      Memory known = begin(key);
      while (next.hasNext()) {
        folding.row(packing.apply(next.next()).copy(), out::add);
      }
      folding.batch(now * 1_000, out::add);
      long timer = Memory.timer(folding);
      if (timer != known.timer()) {
        if (known.timer() != Memory.NEVER) {
          handle.deleteTimer(known.timer());
        }
        register(timer);
      }
      new Memory(timer, folding.end()).into(memory);
      return out;
    }

    /** Spark deletes the timer that has fired. */
    List<InternalRow> wake(Row key, long watermark) {
      List<InternalRow> out = new ArrayList<>();
      Memory unused = begin(key);
      Telling.alarms(folding, watermark * 1_000, out::add);
      long timer = Memory.timer(folding);
      register(timer);
      new Memory(timer, folding.end()).into(memory);
      return out;
    }

    private Memory begin(Row key) {
      Memory known = Memory.of(memory);
      folding.begin((InternalRow) catalyst.apply(key), known.fold());
      return known;
    }

    private void register(long timer) {
      if (timer != Memory.NEVER) {
        handle.registerTimer(timer);
      }
    }
  }
}
