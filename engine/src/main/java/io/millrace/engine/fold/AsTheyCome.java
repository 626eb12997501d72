package io.millrace.engine.fold;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.streaming.StatefulProcessorHandle;
import org.apache.spark.sql.streaming.ValueState;
import scala.collection.Iterator;

/**
 * Rows are told as they come. The timer of a key is at the alarm of the fold, or where the
 * watermark is expected to be when it wants to tell something although no rows come.
 */
record AsTheyCome(
    StatefulProcessorHandle handle,
    ValueState<byte[]> memory,
    Folding folding,
    UnsafeProjection packing,
    FoldStream.Order order)
    implements FoldStream.Teller {

  @Override
  public List<InternalRow> tell(InternalRow key, Iterator<InternalRow> next, Now now) {
    List<InternalRow> out = new ArrayList<>();
    Memory known = begin(key);
    if (order == FoldStream.Order.BATCH) {
      List<UnsafeRow> rows = new ArrayList<>();
      while (next.hasNext()) {
        rows.add(packing.apply(next.next()).copy());
      }
      rows.sort(Telling.ORDER);
      rows.forEach(row -> folding.row(row, out::add));
    } else {
      while (next.hasNext()) {
        folding.row(packing.apply(next.next()).copy(), out::add);
      }
    }
    folding.batch(now, out::add);
    remember(known.timer(), now);
    return out;
  }

  @Override
  public List<InternalRow> wake(InternalRow key, Now now) {
    List<InternalRow> out = new ArrayList<>();
    Memory unused = begin(key);
    Telling.alarms(folding, now.watermark(), out::add);
    folding.batch(now, out::add);
    remember(Memory.NEVER, now);
    return out;
  }

  private Memory begin(InternalRow key) {
    Memory known = Memory.of(memory);
    folding.begin(key, known.fold());
    return known;
  }

  /** Keeps what the fold does of the key, whose timer was at this time. */
  private void remember(long before, Now now) {
    long timer = timer(before, now);
    Memory.move(handle, before, timer);
    new Memory(timer, folding.end()).into(memory);
  }

  /** A timer that wakes it in between stays where it is, rather than be moved with each batch. */
  private long timer(long before, Now now) {
    long alarm = Memory.timer(folding);
    OptionalLong due = folding.due();
    if (due.isEmpty()) {
      return alarm;
    }
    return before < alarm
        ? before
        : Math.min(alarm, Memory.passed(now.watermark() + due.getAsLong() - now.batch()));
  }
}
