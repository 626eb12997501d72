package io.millrace.engine.fold;

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
import scala.Function1;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;

/** A fold over a stream. Of each key there is at most one timer. */
public final class FoldStream extends StatefulProcessor<Row, InternalRow, InternalRow> {
  private static final long serialVersionUID = 1;

  private final Fold fold;
  private final Order order;
  private final StructType keys;
  private final StructType rows;
  private transient @Nullable Teller teller;
  private transient @Nullable Function1<Object, Object> catalyst;

  /** When a fold is told rows. */
  public enum Order {
    /** In the order of their times: they wait until the watermark has passed them. */
    TIME,
    /** As they come, where their order is all the same until an alarm. */
    ARRIVAL,
    /** As they come, and those of one batch in the order of their places. */
    BATCH
  }

  /**
   * A fold.
   *
   * @param keys the columns of a key
   * @param rows the columns of a row that is told
   */
  public FoldStream(Fold fold, Order order, StructType keys, StructType rows) {
    this.fold = fold;
    this.order = order;
    this.keys = keys;
    this.rows = rows;
  }

  @Override
  public void init(OutputMode output, TimeMode time) {
    StatefulProcessorHandle handle = getHandle();
    ValueState<byte[]> memory = handle.getValueState("memory", Encoders.BINARY(), TTLConfig.NONE());
    UnsafeProjection packing = UnsafeProjection.create(rows);
    catalyst = CatalystTypeConverters.createToCatalystConverter(keys);
    teller =
        switch (order) {
          case TIME ->
              new InOrder(
                  handle,
                  handle.getListState("waiting", Encoders.BINARY(), TTLConfig.NONE()),
                  memory,
                  fold.open(),
                  packing,
                  rows.length());
          case ARRIVAL, BATCH -> new AsTheyCome(handle, memory, fold.open(), packing, order);
        };
  }

  private static <T> T known(@Nullable T part) {
    if (part == null) {
      throw new IllegalStateException("Cannot work before init");
    }
    return part;
  }

  private InternalRow catalyst(Row key) {
    return (InternalRow) known(catalyst).apply(key);
  }

  @Override
  public Iterator<InternalRow> handleInputRows(
      Row key, Iterator<InternalRow> next, TimerValues times) {
    return given(known(teller).tell(catalyst(key), next, now(times)));
  }

  /** Spark deletes the timer that has fired. */
  @Override
  public Iterator<InternalRow> handleExpiredTimer(
      Row key, TimerValues times, ExpiredTimerInfo timer) {
    return given(known(teller).wake(catalyst(key), now(times)));
  }

  private static Now now(TimerValues times) {
    return new Now(
        times.getCurrentProcessingTimeInMs() * 1_000, times.getCurrentWatermarkInMs() * 1_000);
  }

  private static Iterator<InternalRow> given(List<InternalRow> rows) {
    return CollectionConverters.asScala(rows.iterator());
  }

  /** How a fold is told the rows of the key that Spark works on. */
  sealed interface Teller permits AsTheyCome, InOrder {
    /** Rows of a batch. */
    List<InternalRow> tell(InternalRow key, Iterator<InternalRow> next, Now now);

    /** The watermark has come so far that the timer of the key has fired. */
    List<InternalRow> wake(InternalRow key, Now now);
  }
}
