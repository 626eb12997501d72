package io.millrace.engine.fold;

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
 * Keeps the newest row of each key. When another is newer, the one before is given as one to delete
 * and the newer one as one to insert; what several rows of a batch change is given once. A row that
 * is not newer than the one that is known changes nothing.
 *
 * @param order which of two rows is newer, over the columns of a row that is told; of equal ones
 *     the one with the later place, then by what is in them
 * @param gone the number of the column that tells whether a row says that there is none
 * @param passed the columns that are given
 * @param width how many columns a row has that is told
 */
public record Changelog(List<SortOrder> order, int gone, Values passed, int width) implements Fold {

  /** What becomes of a row that is given. */
  public static final StructType OPERATION =
      new StructType().add("operation", DataTypes.StringType);

  private static final InternalRow INSERT = word("insert");
  private static final InternalRow DELETE = word("delete");

  public Changelog {
    order = List.copyOf(order);
  }

  private static InternalRow word(String operation) {
    return new GenericInternalRow(new Object[] {UTF8String.fromString(operation)});
  }

  @Override
  public Folding open() {
    return new Work(this);
  }

  private static final class Work implements Folding {
    private final Changelog fold;
    private final Comparator<UnsafeRow> age;
    private final UnsafeProjection image;
    private final UnsafeProjection given;
    private @Nullable UnsafeRow known;
    private @Nullable UnsafeRow newest;

    Work(Changelog fold) {
      this.fold = fold;
      this.age =
          Values.comparator(fold.order)
              .thenComparingLong(row -> row.getLong(Fold.PLACE))
              .thenComparing(UnsafeRow::getBytes, Arrays::compareUnsigned);
      this.image = fold.passed.alone();
      this.given = fold.passed.before(fold.width, OPERATION);
    }

    @Override
    public void begin(InternalRow key, byte @Nullable [] memory) {
      known = memory == null ? null : Values.row(memory, fold.width);
      newest = known;
    }

    @Override
    public void row(UnsafeRow row, Consumer<InternalRow> out) {
      if (newest == null || age.compare(row, newest) > 0) {
        newest = row;
      }
    }

    @Override
    public void batch(Now now, Consumer<InternalRow> out) {
      UnsafeRow before = there(known);
      UnsafeRow after = there(newest);
      known = newest;
      if (before != null && after != null && same(before, after)) {
        return;
      }
      if (before != null) {
        out.accept(given.apply(new JoinedRow(before, DELETE)).copy());
      }
      if (after != null) {
        out.accept(given.apply(new JoinedRow(after, INSERT)).copy());
      }
    }

    private @Nullable UnsafeRow there(@Nullable UnsafeRow row) {
      return row == null || row.getBoolean(fold.gone) ? null : row;
    }

    private boolean same(UnsafeRow before, UnsafeRow after) {
      return image.apply(before).copy().equals(image.apply(after));
    }

    @Override
    public byte @Nullable [] end() {
      return newest == null ? null : newest.getBytes();
    }
  }
}
