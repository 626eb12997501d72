package io.millrace.engine.fold;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
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
 * @param ties whether those are kept as well that the order does not tell from the last of them
 * @param order what comes first, over the columns of a row that is told
 * @param end the number of the column that says when a key ends, in microseconds
 * @param passed the columns that are given
 * @param width how many columns a row has that is told
 */
public record Top(int most, boolean ties, List<SortOrder> order, int end, Values passed, int width)
    implements Fold {

  /** The place of a row, from 1 on; with ties, that of the first one that is as good. */
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
    private final Comparator<UnsafeRow> rank;
    private final Comparator<UnsafeRow> order;
    private final UnsafeProjection given;
    private final List<UnsafeRow> best = new ArrayList<>();

    Work(Top fold) {
      this.fold = fold;
      this.rank = Values.comparator(fold.order);
      this.order = rank.thenComparing(UnsafeRow::getBytes, Arrays::compareUnsigned);
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
      if (best.size() >= fold.most && behind(row)) {
        return;
      }
      int at = Collections.binarySearch(best, row, order);
      best.add(at < 0 ? -at - 1 : at, row);
      while (best.size() > fold.most && behind(best.get(best.size() - 1))) {
        best.remove(best.size() - 1);
      }
    }

    /** Whether a row comes behind those that are kept. */
    private boolean behind(UnsafeRow row) {
      UnsafeRow last = best.get(fold.most - 1);
      return fold.ties ? rank.compare(row, last) > 0 : order.compare(row, last) >= 0;
    }

    @Override
    public OptionalLong alarm() {
      return best.isEmpty() ? OptionalLong.empty() : OptionalLong.of(best.get(0).getLong(fold.end));
    }

    @Override
    public void alarmed(Consumer<InternalRow> out) {
      int place = 1;
      for (int i = 0; i < best.size(); i++) {
        if (!fold.ties || i == 0 || rank.compare(best.get(i - 1), best.get(i)) < 0) {
          place = i + 1;
        }
        InternalRow ranked = new GenericInternalRow(new Object[] {place});
        out.accept(given.apply(new JoinedRow(best.get(i), ranked)).copy());
      }
      best.clear();
    }

    @Override
    public byte @Nullable [] end() {
      return best.isEmpty() ? null : Values.packed(new byte[0], best);
    }
  }
}
