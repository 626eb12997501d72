package io.millrace.engine.fold;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction1;

/**
 * Aggregates rows within a task: of many rows with the same key, there comes one with the key and
 * the buffers of the functions, to be merged by {@link Merging}. What it keeps meanwhile is
 * bounded, so a key may come several times. A task whose first rows hardly have keys in common does
 * not look for them in the others: each comes by itself.
 */
public final class Partial
    extends AbstractFunction1<scala.collection.Iterator<Object>, scala.collection.Iterator<Object>>
    implements Serializable {
  private static final long serialVersionUID = 1;

  /** How many keys are kept at most, where buffers are numbers; where they are objects. */
  private static final int NUMBERS = 1 << 16;

  private static final int OBJECTS = 1 << 10;

  /** How many rows objects, which may grow with each, are kept for at most. */
  private static final int ROWS = 1 << 16;

  /** By how many rows a task decides, if it can keep the keys of so many. */
  private static final int TRIAL = 1 << 12;

  private final Aggregation aggregation;
  private final StructType types;
  private final int keys;

  /**
   * Aggregates within tasks.
   *
   * @param types the columns of a row
   * @param keys how many of these, the first ones, are the key
   */
  public Partial(Aggregation aggregation, StructType types, int keys) {
    this.aggregation = aggregation;
    this.types = types;
    this.keys = keys;
  }

  @Override
  public scala.collection.Iterator<Object> apply(scala.collection.Iterator<Object> rows) {
    return CollectionConverters.asScala(new Work(this, CollectionConverters.asJava(rows)));
  }

  private UnsafeProjection key() {
    List<Expression> columns = new ArrayList<>();
    for (int i = 0; i < keys; i++) {
      columns.add(new BoundReference(i, types.apply(i).dataType(), types.apply(i).nullable()));
    }
    return Values.projection(columns);
  }

  private static final class Work implements Iterator<Object> {
    private final Iterator<Object> rows;
    private final UnsafeProjection key;
    private final Aggregator aggregator;
    private final int most;
    private final int longest;
    private final Map<UnsafeRow, InternalRow> seen = new HashMap<>();
    private final JoinedRow given = new JoinedRow();
    private Iterator<Map.Entry<UnsafeRow, InternalRow>> done = seen.entrySet().iterator();
    private boolean tried;
    private boolean alone;

    Work(Partial how, Iterator<Object> rows) {
      this.rows = rows;
      this.key = how.key();
      this.aggregator = new Aggregator(how.aggregation);
      boolean objects = aggregator.imperative();
      this.most = objects ? OBJECTS : NUMBERS;
      this.longest = objects ? ROWS : Integer.MAX_VALUE;
    }

    @Override
    public boolean hasNext() {
      if (done.hasNext()) {
        return true;
      }
      if (rows.hasNext() && !alone) {
        fill();
        return done.hasNext();
      }
      return rows.hasNext();
    }

    private void fill() {
      seen.clear();
      for (int i = 0; rows.hasNext() && !decides(i) && seen.size() < most && i < longest; i++) {
        InternalRow row = (InternalRow) rows.next();
        UnsafeRow its = key.apply(row);
        InternalRow buffer = seen.get(its);
        if (buffer == null) {
          buffer = aggregator.fresh();
          seen.put(its.copy(), buffer);
        }
        aggregator.update(buffer, row);
      }
      done = seen.entrySet().iterator();
    }

    /** Whether rows come by themselves from now on, which is decided once. */
    private boolean decides(int read) {
      if (tried || (read < TRIAL && seen.size() < most)) {
        return false;
      }
      tried = true;
      alone = seen.size() > read / 2;
      return alone;
    }

    @Override
    public Object next() {
      return done.hasNext() ? together() : byItself((InternalRow) rows.next());
    }

    private Object byItself(InternalRow row) {
      InternalRow buffer = aggregator.fresh();
      aggregator.update(buffer, row);
      return given.apply(key.apply(row), aggregator.plain(buffer));
    }

    private Object together() {
      Map.Entry<UnsafeRow, InternalRow> each = done.next();
      return given.apply(each.getKey(), aggregator.plain(each.getValue()));
    }
  }
}
