package io.millrace.engine.fold;

import java.io.Serializable;
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
import org.jspecify.annotations.Nullable;

/**
 * Brings rows together with the version of their key that is valid at their time: the last one that
 * begins then or before. Versions are told before rows of the same time.
 *
 * @param sides which rows are versions, and which of them say that there is none from then on
 * @param order which of two versions of the same time is newer; of equal ones the later told
 * @param rows the columns that are given of a row
 * @param versions the columns that are given of its version
 * @param width how many columns a row has that is told
 * @param alone whether a row without a version is given, with nulls
 * @param keep how long behind its time a version is met
 */
public record AsOf(
    Sides sides,
    List<SortOrder> order,
    Values rows,
    Values versions,
    int width,
    boolean alone,
    Span keep)
    implements Fold {

  /**
   * The numbers of the columns that tell.
   *
   * @param version whether a row is a version
   * @param gone whether a version says that there is none
   */
  public record Sides(int version, int gone) implements Serializable {}

  public AsOf {
    order = List.copyOf(order);
  }

  @Override
  public Folding open() {
    return new Work(this);
  }

  private static final class Work implements Folding {
    private final AsOf fold;
    private final Comparator<UnsafeRow> age;
    private final UnsafeProjection given;
    private final InternalRow none;
    private boolean keyless;
    private @Nullable UnsafeRow valid;

    Work(AsOf fold) {
      this.fold = fold;
      this.age =
          Comparator.comparingLong((UnsafeRow row) -> row.getLong(Fold.TIME))
              .thenComparing(Values.comparator(fold.order));
      this.given = fold.rows.beside(fold.width, fold.versions);
      this.none = new GenericInternalRow(fold.width);
    }

    @Override
    public void begin(InternalRow key, byte @Nullable [] memory) {
      keyless = false;
      for (int i = 0; i < key.numFields(); i++) {
        keyless |= key.isNullAt(i);
      }
      valid = memory == null ? null : Values.row(memory, fold.width);
    }

    @Override
    public void row(UnsafeRow row, Consumer<InternalRow> out) {
      if (row.getBoolean(fold.sides.version())) {
        if (!keyless && (valid == null || age.compare(row, valid) >= 0)) {
          valid = row;
        }
        return;
      }
      UnsafeRow version = valid == null || valid.getBoolean(fold.sides.gone()) ? null : valid;
      if (version != null || fold.alone) {
        out.accept(given.apply(new JoinedRow(row, version == null ? none : version)).copy());
      }
    }

    @Override
    public OptionalLong alarm() {
      return valid == null ? OptionalLong.empty() : fold.keep.after(valid.getLong(Fold.TIME));
    }

    @Override
    public void alarmed(Consumer<InternalRow> out) {
      valid = null;
    }

    @Override
    public byte @Nullable [] end() {
      return valid == null ? null : valid.getBytes();
    }
  }
}
