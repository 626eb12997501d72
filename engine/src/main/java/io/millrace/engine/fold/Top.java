package io.millrace.engine.fold;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.SortOrder;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the first rows of a key by some order, and gives them with their ranks when its end has
 * come. Rows that are equal in all that orders them are told apart by what is in them.
 *
 * @param most how many rows are kept
 * @param order what comes first, over the columns of a row that is told
 * @param end the number of the column that says when a key ends, in microseconds
 * @param passed the columns that are given
 * @param width how many columns a row has that is told
 */
public record Top(int most, List<SortOrder> order, int end, Values passed, int width)
    implements Fold {

  /** The place of a row, from 1 on. */
  public static final StructType RANK = new StructType().add("rank", DataTypes.IntegerType);

  public Top {
    order = List.copyOf(order);
  }

  @Override
  public Folding open() {
    return new Work(this);
  }

  private static final class Work implements Folding {
    private final Top fold;
    private final Comparator<UnsafeRow> order;
    private final UnsafeProjection given;
    private final List<UnsafeRow> best = new ArrayList<>();

    Work(Top fold) {
      this.fold = fold;
      this.order =
          Values.comparator(fold.order).thenComparing(UnsafeRow::getBytes, Arrays::compareUnsigned);
      this.given = fold.passed.before(fold.width, RANK);
    }

    @Override
    public void begin(InternalRow key, byte @Nullable [] memory) {
      best.clear();
      if (memory != null) {
        best.addAll(Values.rows(ByteBuffer.wrap(memory), fold.width));
      }
    }

    @Override
    public void row(UnsafeRow row, Consumer<InternalRow> out) {
      if (best.size() == fold.most && order.compare(row, best.get(fold.most - 1)) >= 0) {
        return;
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

    @Override
    public OptionalLong alarm() {
      return best.isEmpty() ? OptionalLong.empty() : OptionalLong.of(best.get(0).getLong(fold.end));
    }

    @Override
    public void alarmed(Consumer<InternalRow> out) {
      for (int i = 0; i < best.size(); i++) {
        InternalRow rank = new GenericInternalRow(new Object[] {i + 1});
        out.accept(given.apply(new JoinedRow(best.get(i), rank)).copy());
      }
      best.clear();
    }

    @Override
    public byte @Nullable [] end() {
      return best.isEmpty() ? null : Values.packed(new byte[0], best);
    }
  }
}
