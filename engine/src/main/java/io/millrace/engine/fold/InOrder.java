package io.millrace.engine.fold;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.streaming.ListState;
import org.apache.spark.sql.streaming.StatefulProcessorHandle;
import org.apache.spark.sql.streaming.ValueState;
import scala.collection.Iterator;

/**
 * Rows wait in the state until the watermark has passed them, and are told then. The timer of a key
 * is at its first waiting row, or at the alarm of the fold.
 */
record InOrder(
    StatefulProcessorHandle handle,
    ListState<byte[]> waiting,
    ValueState<byte[]> memory,
    Folding folding,
    UnsafeProjection packing,
    int width)
    implements FoldStream.Teller {

  /** Puts rows aside, and sees to it that the first of them is told in its time. */
  @Override
  public List<InternalRow> tell(InternalRow key, Iterator<InternalRow> next, Now now) {
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
      Memory.move(handle, known.timer(), first);
      new Memory(first, known.fold()).into(memory);
    }
    return List.of();
  }

  /** Tells what the watermark has passed. */
  @Override
  public List<InternalRow> wake(InternalRow key, Now now) {
    long until = now.watermark();
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
    folding.begin(key, Memory.of(memory).fold());
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
    Memory.move(handle, Memory.NEVER, timer);
    new Memory(timer, folding.end()).into(memory);
  }
}
