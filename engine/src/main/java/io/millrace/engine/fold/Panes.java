package io.millrace.engine.fold;

import io.millrace.engine.fold.Firing.Pane;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.jspecify.annotations.Nullable;

/**
 * A window on the clock that gives results before its end and behind it. The window is part of the
 * key, so of each key there is one.
 *
 * @param end the number of the column with the end of the window, in microseconds
 * @param size how long the window is, in microseconds
 */
public record Panes(Aggregation aggregation, WindowResult result, Firing firing, int end, long size)
    implements Fold {
  @Override
  public Folding open() {
    return new Work(this);
  }

  private static final class Work implements Folding {
    private final Panes fold;
    private final Book book;
    private final EarlyClock clock;
    private @Nullable InternalRow key;
    private boolean open;
    private boolean closed;
    private long end;

    Work(Panes fold) {
      this.fold = fold;
      this.book = new Book(Book.Kind.of(fold.aggregation, fold.result, Optional.of(fold.firing)));
      this.clock = new EarlyClock(fold.firing.every());
    }

    @Override
    public void begin(InternalRow next, byte @Nullable [] memory) {
      key = next;
      open = memory != null;
      if (memory != null) {
        ByteBuffer buffer = ByteBuffer.wrap(memory);
        closed = buffer.get() == 1;
        end = buffer.getLong();
        clock.set(buffer.getLong());
        book.unpack(buffer);
      }
    }

    @Override
    public void row(UnsafeRow row, Consumer<InternalRow> out) {
      if (!open) {
        book.clear();
        open = true;
        closed = false;
        end = row.getLong(fold.end);
        clock.clear();
      }
      book.add(row);
      if (!closed && book.rows() == fold.firing.rows()) {
        fire(Pane.EARLY, out);
        clock.told();
      }
    }

    /** Early by the clock of the batches; late as soon as the rows of a batch are there. */
    @Override
    public void batch(Now now, Consumer<InternalRow> out) {
      clock.batch(now.batch());
      if (closed && book.rows() > 0) {
        fire(Pane.LATE, out);
      } else if (end > now.watermark() && waits() && clock.due(now.batch())) {
        clock.set(now.batch());
        fire(Pane.EARLY, out);
      }
    }

    /** So long after the last result, or the first row. */
    @Override
    public OptionalLong due() {
      return waits() ? clock.due() : OptionalLong.empty();
    }

    private boolean waits() {
      return open && !closed && book.rows() > 0;
    }

    private void fire(Pane pane, Consumer<InternalRow> out) {
      if (key != null) {
        book.fire(end - fold.size, end, key, pane, out);
      }
    }

    @Override
    public OptionalLong alarm() {
      if (!open) {
        return OptionalLong.empty();
      }
      return OptionalLong.of(closed ? end + fold.firing.late() : end);
    }

    @Override
    public void alarmed(Consumer<InternalRow> out) {
      if (!closed) {
        fire(Pane.ON_TIME, out);
        closed = true;
        open = fold.firing.late() > 0;
      } else {
        open = false;
      }
    }

    @Override
    public byte @Nullable [] end() {
      if (!open) {
        return null;
      }
      byte[] packed = book.packed();
      return ByteBuffer.allocate(1 + 2 * Long.BYTES + packed.length)
          .put((byte) (closed ? 1 : 0))
          .putLong(end)
          .putLong(clock.packed())
          .put(packed)
          .array();
    }
  }
}
