package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Columns;
import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction1;

/** The rows of one partition with what a database knows of them, in their order. */
final class LookupRows
    extends AbstractFunction1<scala.collection.Iterator<Row>, scala.collection.Iterator<Row>>
    implements Serializable {
  private static final long serialVersionUID = 1;

  /** Rows wait for an answer together, but no more than so many. */
  private static final int WAITING = 10_000;

  private final LookupJdbcStep.Settings settings;
  private final String step;
  private final StructField[] keys;
  private final int[] at;
  private final int width;
  private final int dead;
  private final int deadOut;
  private final int widthOut;
  private final int taken;

  /**
   * A function that travels to tasks.
   *
   * @param keys the columns by which rows are found
   */
  LookupRows(
      LookupJdbcStep.Settings settings,
      String step,
      List<StructField> keys,
      StructType in,
      StructType out) {
    this.settings = settings;
    this.step = step;
    this.keys = keys.toArray(StructField[]::new);
    this.at = keys.stream().mapToInt(key -> in.fieldIndex(key.name())).toArray();
    this.width = in.size();
    this.dead = index(in);
    this.deadOut = index(out);
    this.widthOut = out.size();
    this.taken = settings.taken().size();
  }

  private static int index(StructType rows) {
    return Arrays.asList(rows.fieldNames()).indexOf(Columns.DEAD);
  }

  @Override
  public scala.collection.Iterator<Row> apply(scala.collection.Iterator<Row> rows) {
    return CollectionConverters.asScala(new Found(CollectionConverters.asJava(rows)));
  }

  private final class Found implements Iterator<Row> {
    private final Iterator<Row> rows;
    private final LookupQuery query = new LookupQuery(settings, List.of(keys));
    private final Optional<LookupCache> cache =
        settings.cache().map(limits -> LookupCache.of(settings));
    private final Deque<Row> ready = new ArrayDeque<>();

    Found(Iterator<Row> rows) {
      this.rows = rows;
    }

    @Override
    public boolean hasNext() {
      while (ready.isEmpty() && rows.hasNext()) {
        answer();
      }
      return !ready.isEmpty();
    }

    @Override
    public Row next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return ready.remove();
    }

    /** Takes rows until they have enough keys for a query. */
    private void answer() {
      List<Row> waiting = new ArrayList<>();
      Map<List<Object>, List<Object[]>> known = new HashMap<>();
      Set<List<Object>> asked = new LinkedHashSet<>();
      while (asked.size() < settings.batch() && waiting.size() < WAITING && rows.hasNext()) {
        Row row = rows.next();
        waiting.add(row);
        List<Object> key = key(row);
        if (key != null && !known.containsKey(key) && !asked.contains(key)) {
          Map<List<Object>, List<Object[]>> remembered = remembered(key);
          known.putAll(remembered);
          if (remembered.isEmpty()) {
            asked.add(key);
          }
        }
      }
      if (!asked.isEmpty()) {
        Map<List<Object>, List<Object[]>> answers = query.rows(List.copyOf(asked));
        cache.ifPresent(kept -> kept.keep(asked, answers, System.nanoTime()));
        known.putAll(answers);
      }
      for (Row row : waiting) {
        emit(row, key(row), known);
      }
    }

    private Map<List<Object>, List<Object[]>> remembered(List<Object> key) {
      return cache.map(kept -> kept.known(List.of(key), System.nanoTime())).orElse(Map.of());
    }

    private void emit(
        Row row, @Nullable List<Object> key, Map<List<Object>, List<Object[]>> known) {
      List<Object[]> found = key == null ? List.of() : known.getOrDefault(key, List.of());
      found.forEach(values -> ready.add(with(row, values)));
      if (!found.isEmpty()) {
        return;
      }
      if (isDead(row)) {
        ready.add(with(row, new Object[taken]));
        return;
      }
      switch (settings.missing()) {
        case KEEP -> ready.add(with(row, new Object[taken]));
        case DROP -> {}
        case DEAD_LETTER -> ready.add(letter(row));
        case FAIL ->
            throw new IllegalStateException(
                "Cannot find %s. Add the row, or write missing: keep, drop or dead-letter"
                    .formatted(told(row)));
      }
    }
  }

  /** Null where the row is a dead letter, or a part of its key is null, which equals nothing. */
  private @Nullable List<Object> key(Row row) {
    if (isDead(row)) {
      return null;
    }
    List<Object> key = new ArrayList<>(at.length);
    for (int column : at) {
      if (row.isNullAt(column)) {
        return null;
      }
      key.add(LookupValues.key(row.get(column)));
    }
    return key;
  }

  private boolean isDead(Row row) {
    return dead >= 0 && !row.isNullAt(dead);
  }

  private Row with(Row row, Object[] values) {
    Object[] all = new Object[widthOut];
    for (int i = 0; i < width; i++) {
      all[i] = row.get(i);
    }
    System.arraycopy(values, 0, all, widthOut - taken, taken);
    return RowFactory.create(all);
  }

  private Row letter(Row row) {
    Object[] all = new Object[widthOut];
    for (int i = 0; i < width; i++) {
      all[i] = row.get(i);
    }
    all[deadOut] = RowFactory.create(null, step, "missing", "Cannot find " + told(row));
    return RowFactory.create(all);
  }

  private String told(Row row) {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < at.length; i++) {
      parts.add(keys[i].name() + " " + row.get(at[i]));
    }
    return String.join(", ", parts) + " in " + settings.target();
  }
}
