package io.millrace.engine.fold;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.SortOrder;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the first rows of a key by some order, for ever, and tells what each batch changes: first
 * all that no longer have their rank, as rows to delete, then those that have a new one, as rows to
 * insert. Rows that are equal in all that orders them are told apart by what is in them.
 *
 * @param most how many rows are kept
 * @param order what comes first, over the columns of a row that is told
 * @param once the columns of which each combination has one rank, that of its first row; none if
 *     all rows count
 * @param passed the columns that are given
 * @param width how many columns a row has that is told
 */
public record Leaders(int most, List<SortOrder> order, Values once, Values passed, int width)
    implements Fold {

  /** The place of a row, what becomes of it there, and the number of that change of a key. */
  public static final StructType CHANGE =
      Top.RANK.add("operation", DataTypes.StringType).add("version", DataTypes.LongType);

  private static final UTF8String INSERT = UTF8String.fromString("insert");
  private static final UTF8String DELETE = UTF8String.fromString("delete");

  public Leaders {
    order = List.copyOf(order);
  }

  @Override
  public Folding open() {
    return new Work(this);
  }

  private static final class Work implements Folding {
    private final Leaders fold;
    private final Comparator<UnsafeRow> order;
    private final UnsafeProjection once;
    private final UnsafeProjection image;
    private final UnsafeProjection given;
    private final List<UnsafeRow> best = new ArrayList<>();
    private List<UnsafeRow> told = List.of();
    private long version;

    Work(Leaders fold) {
      this.fold = fold;
      this.order =
          Values.comparator(fold.order).thenComparing(UnsafeRow::getBytes, Arrays::compareUnsigned);
      this.once = fold.once.alone();
      this.image = fold.passed.alone();
      this.given = fold.passed.before(fold.width, CHANGE);
    }

    @Override
    public void begin(InternalRow key, byte @Nullable [] memory) {
      best.clear();
      version = 0;
      if (memory != null) {
        ByteBuffer buffer = ByteBuffer.wrap(memory);
        version = buffer.getLong();
        best.addAll(Values.rows(buffer, fold.width));
      }
      told = List.copyOf(best);
    }

    @Override
    public void row(UnsafeRow row, Consumer<InternalRow> out) {
      if (best.size() == fold.most && order.compare(row, best.get(fold.most - 1)) >= 0) {
        return;
      }
      int same = same(row);
      if (same >= 0) {
        if (order.compare(row, best.get(same)) >= 0) {
          return;
        }
        best.remove(same);
      }
      int at = best.size();
      while (at > 0 && order.compare(row, best.get(at - 1)) < 0) {
        at--;
      }
      best.add(at, row);
      if (best.size() > fold.most) {
        best.remove(fold.most);
      }
    }

    /** Where the row stands whose place this one takes; -1 if there is none. */
    private int same(UnsafeRow row) {
      if (fold.once.size() == 0) {
        return -1;
      }
      UnsafeRow wanted = once.apply(row).copy();
      for (int i = 0; i < best.size(); i++) {
        if (once.apply(best.get(i)).equals(wanted)) {
          return i;
        }
      }
      return -1;
    }

    @Override
    public void batch(Now now, Consumer<InternalRow> out) {
      for (int i = 0; i < told.size(); i++) {
        if (!same(told.get(i), best.get(i))) {
          out.accept(change(told.get(i), i, DELETE));
        }
      }
      for (int i = 0; i < best.size(); i++) {
        if (i >= told.size() || !same(told.get(i), best.get(i))) {
          out.accept(change(best.get(i), i, INSERT));
        }
      }
      told = List.copyOf(best);
    }

    /** Whether two rows are given alike. */
    private boolean same(UnsafeRow one, UnsafeRow other) {
      return image.apply(one).copy().equals(image.apply(other));
    }

    private InternalRow change(UnsafeRow row, int place, UTF8String operation) {
      InternalRow more = new GenericInternalRow(new Object[] {place + 1, operation, ++version});
      return given.apply(new JoinedRow(row, more)).copy();
    }

    @Override
    public byte @Nullable [] end() {
      byte[] head = ByteBuffer.allocate(Long.BYTES).putLong(version).array();
      return best.isEmpty() ? null : Values.packed(head, best);
    }
  }
}
