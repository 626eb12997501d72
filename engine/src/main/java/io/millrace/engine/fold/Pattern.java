package io.millrace.engine.fold;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Finds rows that follow each other, with any others between them.
 *
 * @param elements what must follow each other
 * @param without the number of the column that ends what is begun; negative if none does
 * @param until until when that may come
 * @param within how long after its first row a match may end, in microseconds
 * @param overlap whether a row may be part of several matches
 * @param keys the columns of a key, which come first in what is given
 * @param columns what is given of the rows of a match
 * @param gives all columns that are given: those of the key, when the match was known, when each
 *     element was met last, then the columns
 */
public record Pattern(
    List<Element> elements,
    int without,
    Until until,
    long within,
    boolean overlap,
    StructType keys,
    List<Column> columns,
    StructType gives)
    implements Fold {

  /** What a row must meet. */
  public record Element(int condition, int times, Values kept) implements Serializable {}

  /** A column of what an element kept. */
  public record Column(int element, int number) implements Serializable {}

  /** Until when a row that must not come ends a match. */
  public enum Until {
    /** Until the last row of the match: it is told at once. */
    MATCH,
    /** Until the end of within: the match is told then. */
    END
  }

  public Pattern {
    elements = List.copyOf(elements);
    columns = List.copyOf(columns);
  }

  @Override
  public Folding open() {
    return new Work(this);
  }

  private boolean holds(UnsafeRow row, int condition) {
    return condition >= 0 && row.getBoolean(condition);
  }

  private static final class Work implements Folding {
    private final Pattern fold;
    private final List<UnsafeProjection> kept;
    private final UnsafeProjection given;
    private final List<Begun> begun = new ArrayList<>();
    private @Nullable InternalRow key;

    Work(Pattern fold) {
      this.fold = fold;
      this.kept = fold.elements.stream().map(element -> element.kept().alone()).toList();
      this.given = UnsafeProjection.create(fold.gives);
    }

    @Override
    public void begin(InternalRow next, byte @Nullable [] memory) {
      key = next;
      begun.clear();
      if (memory != null) {
        begun.addAll(Begun.all(memory, fold.elements));
      }
    }

    @Override
    public void row(UnsafeRow row, Consumer<InternalRow> out) {
      if (fold.holds(row, fold.without)) {
        begun.clear();
      }
      if (advance(row, out)) {
        start(row, out);
      }
    }

    /** Whether the row may begin a match as well. */
    private boolean advance(UnsafeRow row, Consumer<InternalRow> out) {
      for (Begun one : List.copyOf(begun)) {
        if (!over(one) && fold.holds(row, fold.elements.get(one.element()).condition())) {
          Begun next = met(one, row);
          begun.set(begun.indexOf(one), next);
          if (over(next) && !finish(next, row.getLong(Fold.TIME), out)) {
            return false;
          }
        }
      }
      return fold.overlap || begun.stream().noneMatch(this::over);
    }

    private void start(UnsafeRow row, Consumer<InternalRow> out) {
      if (fold.holds(row, fold.elements.get(0).condition())) {
        Begun first = met(new Begun(row.getLong(Fold.TIME), 0, 0, List.of()), row);
        begun.add(first);
        if (over(first)) {
          finish(first, row.getLong(Fold.TIME), out);
        }
      }
    }

    private Begun met(Begun one, UnsafeRow row) {
      UnsafeRow values = kept.get(one.element()).apply(row).copy();
      return one.met(
          new Begun.Kept(row.getLong(Fold.TIME), values), fold.elements.get(one.element()).times());
    }

    private boolean over(Begun one) {
      return one.element() == fold.elements.size();
    }

    /** Whether others that are begun go on. */
    private boolean finish(Begun match, long time, Consumer<InternalRow> out) {
      boolean waits = fold.until == Until.END;
      if (!fold.overlap) {
        begun.clear();
        begun.add(match);
      }
      if (!waits) {
        begun.remove(match);
        tell(match, time, out);
      }
      return fold.overlap;
    }

    private void tell(Begun match, long time, Consumer<InternalRow> out) {
      Object[] values = new Object[fold.gives.length()];
      int at = 0;
      for (; at < fold.keys.length(); at++) {
        values[at] = key == null ? null : key.get(at, fold.keys.apply(at).dataType());
      }
      values[at++] = time;
      for (Begun.Kept element : match.kept()) {
        values[at++] = element.time();
      }
      for (Column column : fold.columns) {
        UnsafeRow row = match.kept().get(column.element()).values();
        values[at] = row.get(column.number(), fold.gives.apply(at).dataType());
        at++;
      }
      out.accept(given.apply(new GenericInternalRow(values)).copy());
    }

    @Override
    public OptionalLong alarm() {
      return begun.stream().mapToLong(one -> one.start() + fold.within).min();
    }

    @Override
    public void alarmed(Consumer<InternalRow> out) {
      long end = alarm().orElseThrow();
      for (Begun one : List.copyOf(begun)) {
        if (one.start() + fold.within == end) {
          begun.remove(one);
          if (over(one)) {
            tell(one, end, out);
          }
        }
      }
    }

    @Override
    public byte @Nullable [] end() {
      return begun.isEmpty() ? null : Begun.packed(begun);
    }
  }
}
