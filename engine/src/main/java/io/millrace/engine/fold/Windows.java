package io.millrace.engine.fold;

import io.millrace.engine.fold.Firing.Pane;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.jspecify.annotations.Nullable;

/**
 * Windows that one row after the other opens, fills and closes. A window ends behind its last row,
 * after so many rows, or after so long, whatever comes first.
 *
 * @param gap how long the key may be silent until a window ends
 * @param longest how long a window may be
 * @param most how many rows a window has at most; 0 for any number
 * @param firing when it gives results before its end; at most one
 */
public record Windows(
    Aggregation aggregation,
    WindowResult result,
    Span gap,
    Span longest,
    long most,
    List<Firing> firing)
    implements Fold {
  public Windows {
    firing = List.copyOf(firing);
  }

  @Override
  public Folding open() {
    return new Work(this);
  }

  private long early() {
    return firing.stream().mapToLong(Firing::rows).sum();
  }

  private static final class Work implements Folding {
    private final Windows fold;
    private final Book book;
    private @Nullable InternalRow key;
    private boolean open;
    private long start;
    private long last;
    private long count;

    Work(Windows fold) {
      this.fold = fold;
      this.book =
          new Book(Book.Kind.of(fold.aggregation, fold.result, fold.firing.stream().findFirst()));
    }

    @Override
    public void begin(InternalRow next, byte @Nullable [] memory) {
      key = next;
      open = memory != null;
      if (memory != null) {
        ByteBuffer buffer = ByteBuffer.wrap(memory);
        start = buffer.getLong();
        last = buffer.getLong();
        count = buffer.getLong();
        book.unpack(buffer);
      }
    }

    @Override
    public void row(UnsafeRow row, Consumer<InternalRow> out) {
      long time = row.getLong(Fold.TIME);
      OptionalLong over = until();
      if (over.isPresent() && over.getAsLong() <= time) {
        close(over.getAsLong(), out);
      }
      if (!open) {
        book.clear();
        open = true;
        start = time;
        count = 0;
      }
      book.add(row);
      last = time;
      count++;
      if (count == fold.most) {
        close(time, out);
      } else if (book.rows() == fold.early()) {
        fire(until().orElse(time), Pane.EARLY, out);
      }
    }

    private void close(long end, Consumer<InternalRow> out) {
      fire(end, Pane.ON_TIME, out);
      open = false;
    }

    private void fire(long end, Pane pane, Consumer<InternalRow> out) {
      if (key != null) {
        book.fire(start, end, key, pane, out);
      }
    }

    /** The end of the window, if no row comes. */
    private OptionalLong until() {
      if (!open) {
        return OptionalLong.empty();
      }
      OptionalLong silent = fold.gap.after(last);
      OptionalLong full = fold.longest.after(start);
      if (silent.isEmpty() || full.isEmpty()) {
        return silent.isEmpty() ? full : silent;
      }
      return OptionalLong.of(Math.min(silent.getAsLong(), full.getAsLong()));
    }

    /**
     * The end of the window, or one that it has told and that is none any more: behind the
     * watermark a result cannot be taken back.
     */
    @Override
    public OptionalLong alarm() {
      OptionalLong until = until();
      OptionalLong told = book.told();
      return until.isPresent() && told.isPresent()
          ? OptionalLong.of(Math.min(until.getAsLong(), told.getAsLong()))
          : until;
    }

    @Override
    public void alarmed(Consumer<InternalRow> out) {
      long until = until().orElseThrow();
      if (alarm().orElseThrow() < until) {
        fire(until, Pane.EARLY, out);
      } else {
        close(until, out);
      }
    }

    @Override
    public byte @Nullable [] end() {
      if (!open) {
        return null;
      }
      byte[] packed = book.packed();
      return ByteBuffer.allocate(3 * Long.BYTES + packed.length)
          .putLong(start)
          .putLong(last)
          .putLong(count)
          .put(packed)
          .array();
    }
  }
}
