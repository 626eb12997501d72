package io.millrace.engine.fold;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.jspecify.annotations.Nullable;

/**
 * Aggregates over the rows of the last so long, at every time at which rows come or leave. They are
 * computed over all rows of the window each time.
 *
 * @param size how long the window is, in microseconds; a row leaves it so long behind its time
 * @param width how many columns a row has that is told
 */
public record Sliding(Aggregation aggregation, WindowResult result, long size, int width)
    implements Fold {
  @Override
  public Folding open() {
    return new Work(this);
  }

  private static final class Work implements Folding {
    private static final long NEVER = Long.MAX_VALUE;

    private final Sliding fold;
    private final Aggregator aggregator;
    private final WindowResult.Giving giving;
    private final Deque<UnsafeRow> rows = new ArrayDeque<>();
    private @Nullable InternalRow key;
    private long entered = NEVER;

    Work(Sliding fold) {
      this.fold = fold;
      this.aggregator = new Aggregator(fold.aggregation);
      this.giving = fold.result.giving();
    }

    @Override
    public void begin(InternalRow next, byte @Nullable [] memory) {
      key = next;
      rows.clear();
      entered = NEVER;
      if (memory != null) {
        ByteBuffer buffer = ByteBuffer.wrap(memory);
        entered = buffer.getLong();
        rows.addAll(Values.rows(buffer, fold.width));
      }
    }

    @Override
    public void row(UnsafeRow row, Consumer<InternalRow> out) {
      rows.add(row);
      entered = row.getLong(Fold.TIME);
    }

    /** When rows have come, all of whose time are known, or leave. */
    @Override
    public OptionalLong alarm() {
      return rows.isEmpty()
          ? OptionalLong.empty()
          : OptionalLong.of(Math.min(entered, rows.getFirst().getLong(Fold.TIME) + fold.size));
    }

    @Override
    public void alarmed(Consumer<InternalRow> out) {
      long now = alarm().orElseThrow();
      while (!rows.isEmpty() && rows.getFirst().getLong(Fold.TIME) + fold.size <= now) {
        rows.removeFirst();
      }
      if (entered <= now) {
        entered = NEVER;
      }
      InternalRow seen = aggregator.fresh();
      rows.forEach(row -> aggregator.update(seen, row));
      if (key != null) {
        out.accept(giving.row(now - fold.size, now, key, aggregator.results(seen)));
      }
    }

    @Override
    public byte @Nullable [] end() {
      if (rows.isEmpty()) {
        return null;
      }
      return Values.packed(ByteBuffer.allocate(Long.BYTES).putLong(entered).array(), rows);
    }
  }
}
