package io.millrace.engine.fold;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.jspecify.annotations.Nullable;

/**
 * Hands on the first row of each number. All numbers that a key has had are remembered, as ranges:
 * numbers without a gap take the place of one. A row without a number is handed on.
 *
 * @param number the number of the column with it, a bigint
 * @param passed the columns that are handed on
 */
public record Seen(int number, Values passed) implements Fold {
  @Override
  public Folding open() {
    return new Work(this);
  }

  private static final class Work implements Folding {
    private final Seen fold;
    private final UnsafeProjection given;
    private final TreeMap<Long, Long> ranges = new TreeMap<>();

    Work(Seen fold) {
      this.fold = fold;
      this.given = fold.passed.alone();
    }

    @Override
    public void begin(InternalRow key, byte @Nullable [] memory) {
      ranges.clear();
      if (memory != null) {
        ByteBuffer buffer = ByteBuffer.wrap(memory);
        while (buffer.hasRemaining()) {
          ranges.put(buffer.getLong(), buffer.getLong());
        }
      }
    }

    @Override
    public void row(UnsafeRow row, Consumer<InternalRow> out) {
      if (row.isNullAt(fold.number) || first(row.getLong(fold.number))) {
        out.accept(given.apply(row).copy());
      }
    }

    /** Whether a number comes for the first time; it is known from then on. */
    private boolean first(long number) {
      Map.Entry<Long, Long> below = ranges.floorEntry(number);
      if (below != null && below.getValue() >= number) {
        return false;
      }
      long from = below != null && below.getValue() == number - 1 ? below.getKey() : number;
      Long above = number == Long.MAX_VALUE ? null : ranges.remove(number + 1);
      ranges.put(from, above == null ? number : above);
      return true;
    }

    @Override
    public byte @Nullable [] end() {
      if (ranges.isEmpty()) {
        return null;
      }
      ByteBuffer buffer = ByteBuffer.allocate(2 * Long.BYTES * ranges.size());
      ranges.forEach((from, to) -> buffer.putLong(from).putLong(to));
      return buffer.array();
    }
  }
}
