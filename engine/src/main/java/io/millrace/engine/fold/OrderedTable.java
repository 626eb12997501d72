package io.millrace.engine.fold;

import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.Function1;
import scala.collection.IterableOnce;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction2;

/** A fold over a table, whose rows come key by key, sorted by time and place. */
public final class OrderedTable
    extends AbstractFunction2<Object, scala.collection.Iterator<Object>, IterableOnce<Object>>
    implements Serializable {
  private static final long serialVersionUID = 1;

  private final Fold fold;
  private final StructType keys;
  private final StructType rows;
  private transient @Nullable Folding folding;
  private transient @Nullable UnsafeProjection packing;
  private transient @Nullable Function1<Object, Object> catalyst;

  /** The same as for a stream. */
  public OrderedTable(Fold fold, StructType keys, StructType rows) {
    this.fold = fold;
    this.keys = keys;
    this.rows = rows;
  }

  @Override
  public IterableOnce<Object> apply(Object key, scala.collection.Iterator<Object> next) {
    if (folding == null || packing == null || catalyst == null) {
      folding = fold.open();
      packing = UnsafeProjection.create(rows);
      catalyst = CatalystTypeConverters.createToCatalystConverter(keys);
    }
    folding.begin((InternalRow) catalyst.apply(key), null);
    return CollectionConverters.<Object>asScala(
        new Told(folding, packing, CollectionConverters.asJava(next)));
  }

  /** What comes of the rows of one key, as they are read. */
  private static final class Told implements Iterator<Object> {
    private final Folding folding;
    private final UnsafeProjection packing;
    private final Iterator<Object> rows;
    private final Deque<InternalRow> out = new ArrayDeque<>();
    private @Nullable UnsafeRow ahead;
    private boolean over;

    Told(Folding folding, UnsafeProjection packing, Iterator<Object> rows) {
      this.folding = folding;
      this.packing = packing;
      this.rows = rows;
      this.ahead = read();
    }

    private @Nullable UnsafeRow read() {
      return rows.hasNext() ? packing.apply((InternalRow) rows.next()).copy() : null;
    }

    @Override
    public boolean hasNext() {
      while (out.isEmpty() && !over) {
        if (ahead == null) {
          folding.batch(new Now(Long.MAX_VALUE, Long.MAX_VALUE), out::add);
          Telling.alarms(folding, Long.MAX_VALUE, out::add);
          over = true;
        } else {
          level(ahead).forEach(row -> Telling.row(folding, row, out::add));
        }
      }
      return !out.isEmpty();
    }

    /** All rows of the same time and place, the first of which has been read. */
    private List<UnsafeRow> level(UnsafeRow first) {
      List<UnsafeRow> level = new ArrayList<>();
      UnsafeRow row = first;
      while (row != null
          && row.getLong(Fold.TIME) == first.getLong(Fold.TIME)
          && row.getLong(Fold.PLACE) == first.getLong(Fold.PLACE)) {
        level.add(row);
        row = read();
      }
      ahead = row;
      level.sort(Telling.ORDER);
      return level;
    }

    @Override
    public InternalRow next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return out.remove();
    }
  }
}
