package io.millrace.engine.fold;

import java.nio.ByteBuffer;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.jspecify.annotations.Nullable;

/**
 * Hands on the rows in which something differs from the row before, with what it was there.
 *
 * @param watched what is compared
 * @param passed the columns that are handed on
 * @param width how many columns a row has that is told
 * @param first whether the first row of a key is handed on
 * @param forget how long a key may be silent until it is forgotten, in microseconds
 */
public record Changes(Values watched, Values passed, int width, First first, Span forget)
    implements Fold {

  /** What becomes of the first row of a key. */
  public enum First {
    /** It is handed on, with nulls for what was before. */
    KEEP,
    /** It is left out. */
    DROP
  }

  @Override
  public Folding open() {
    return new Work(this);
  }

  private static final class Work implements Folding {
    private final Changes fold;
    private final UnsafeProjection watched;
    private final UnsafeProjection given;
    private final InternalRow unknown;
    private @Nullable UnsafeRow before;
    private long last;

    Work(Changes fold) {
      this.fold = fold;
      this.watched = fold.watched.alone();
      this.given = fold.passed.before(fold.width, fold.watched.types());
      this.unknown = new GenericInternalRow(fold.watched.size());
    }

    @Override
    public void begin(InternalRow key, byte @Nullable [] memory) {
      before = null;
      if (memory != null) {
        ByteBuffer buffer = ByteBuffer.wrap(memory);
        last = buffer.getLong();
        before = Values.row(Memory.rest(buffer), fold.watched.size());
      }
    }

    @Override
    public void row(UnsafeRow row, Consumer<InternalRow> out) {
      UnsafeRow now = watched.apply(row);
      if (before == null ? fold.first == First.KEEP : !now.equals(before)) {
        InternalRow then = before == null ? unknown : before;
        out.accept(given.apply(new JoinedRow(row, then)).copy());
      }
      before = now.copy();
      last = row.getLong(Fold.TIME);
    }

    @Override
    public OptionalLong alarm() {
      return before == null ? OptionalLong.empty() : fold.forget.after(last);
    }

    @Override
    public void alarmed(Consumer<InternalRow> out) {
      before = null;
    }

    @Override
    public byte @Nullable [] end() {
      if (before == null) {
        return null;
      }
      byte[] row = before.getBytes();
      return ByteBuffer.allocate(Long.BYTES + row.length).putLong(last).put(row).array();
    }
  }
}
