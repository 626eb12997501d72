package io.millrace.engine.fold;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/**
 * Finds numbers that do not follow each other. A row without a number is none of the sequence.
 *
 * @param number the number of the column with the sequence, a bigint
 * @param passed the columns that are handed on with what is found
 * @param width how many columns a row has that is told
 * @param restart a number with which a sequence begins anew; empty if there is none
 * @param forget how long a key may be silent until it is forgotten
 */
public record Gaps(int number, Values passed, int width, List<Long> restart, Span forget)
    implements Fold {

  /** What is found, and what it is found by. */
  public static final StructType FOUND =
      new StructType()
          .add("finding", DataTypes.StringType)
          .add("expected", DataTypes.LongType)
          .add("found", DataTypes.LongType);

  private static final UTF8String GAP = UTF8String.fromString("gap");
  private static final UTF8String REPEAT = UTF8String.fromString("repeat");
  private static final UTF8String RESTART = UTF8String.fromString("restart");

  public Gaps {
    restart = List.copyOf(restart);
  }

  @Override
  public Folding open() {
    return new Work(this);
  }

  private static final class Work implements Folding {
    private final Gaps fold;
    private final UnsafeProjection given;
    private boolean known;
    private long highest;
    private long last;

    Work(Gaps fold) {
      this.fold = fold;
      this.given = fold.passed.before(fold.width, FOUND);
    }

    @Override
    public void begin(InternalRow key, byte @Nullable [] memory) {
      known = memory != null;
      if (memory != null) {
        ByteBuffer buffer = ByteBuffer.wrap(memory);
        last = buffer.getLong();
        highest = buffer.getLong();
      }
    }

    @Override
    public void row(UnsafeRow row, Consumer<InternalRow> out) {
      if (row.isNullAt(fold.number)) {
        return;
      }
      long found = row.getLong(fold.number);
      last = row.getLong(Fold.TIME);
      if (!known) {
        known = true;
        highest = found;
        return;
      }
      long expected = highest + 1;
      if (found == expected) {
        highest = found;
      } else if (fold.restart.contains(found)) {
        highest = found;
        tell(row, RESTART, expected, found, out);
      } else {
        highest = Math.max(highest, found);
        tell(row, found > expected ? GAP : REPEAT, expected, found, out);
      }
    }

    private void tell(
        UnsafeRow row, UTF8String finding, long expected, long found, Consumer<InternalRow> out) {
      InternalRow right = new GenericInternalRow(new Object[] {finding, expected, found});
      out.accept(given.apply(new JoinedRow(row, right)).copy());
    }

    @Override
    public OptionalLong alarm() {
      return known ? fold.forget.after(last) : OptionalLong.empty();
    }

    @Override
    public void alarmed(Consumer<InternalRow> out) {
      known = false;
    }

    @Override
    public byte @Nullable [] end() {
      return known
          ? ByteBuffer.allocate(2 * Long.BYTES).putLong(last).putLong(highest).array()
          : null;
    }
  }
}
