package io.millrace.engine.fold;

import java.nio.ByteBuffer;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.jspecify.annotations.Nullable;

/**
 * Hands on every row with aggregates over it and the rows of its key before it.
 *
 * @param passed the columns that are handed on
 * @param width how many columns a row has that is told
 * @param forget how long a key may be silent until it begins anew
 */
public record Running(Aggregation aggregation, Values passed, int width, Span forget)
    implements Fold {
  @Override
  public Folding open() {
    return new Work(this);
  }

  private static final class Work implements Folding {
    private final Running fold;
    private final Aggregator aggregator;
    private final UnsafeProjection given;
    private @Nullable InternalRow seen;
    private long last;

    Work(Running fold) {
      this.fold = fold;
      this.aggregator = new Aggregator(fold.aggregation);
      this.given = fold.passed.before(fold.width, fold.aggregation.types());
    }

    @Override
    public void begin(InternalRow key, byte @Nullable [] memory) {
      seen = null;
      if (memory != null) {
        ByteBuffer buffer = ByteBuffer.wrap(memory);
        last = buffer.getLong();
        seen = aggregator.unpacked(Memory.rest(buffer));
      }
    }

    @Override
    public void row(UnsafeRow row, Consumer<InternalRow> out) {
      if (seen == null) {
        seen = aggregator.fresh();
      }
      aggregator.update(seen, row);
      last = row.getLong(Fold.TIME);
      out.accept(given.apply(new JoinedRow(row, aggregator.results(seen))).copy());
    }

    @Override
    public OptionalLong alarm() {
      return seen == null ? OptionalLong.empty() : fold.forget.after(last);
    }

    @Override
    public void alarmed(Consumer<InternalRow> out) {
      seen = null;
    }

    @Override
    public byte @Nullable [] end() {
      if (seen == null) {
        return null;
      }
      byte[] packed = aggregator.packed(seen);
      return ByteBuffer.allocate(Long.BYTES + packed.length).putLong(last).put(packed).array();
    }
  }
}
