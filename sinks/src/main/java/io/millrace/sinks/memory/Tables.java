package io.millrace.sinks.memory;

import io.millrace.engine.spi.Identity;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Row;

/** All rows that memory sinks of this JVM keep. */
final class Tables {
  private static final Map<Key, SortedMap<Long, List<Row>>> KEPT = new LinkedHashMap<>();

  private Tables() {}

  /** A name, and who writes under it. */
  record Key(String name, Identity who) {}

  static long last(Key key) {
    synchronized (KEPT) {
      SortedMap<Long, List<Row>> batches = KEPT.getOrDefault(key, new TreeMap<>());
      return batches.isEmpty() ? -1 : batches.lastKey();
    }
  }

  static void append(Key key, long batch, List<Row> rows) {
    synchronized (KEPT) {
      KEPT.computeIfAbsent(key, unused -> new TreeMap<>()).putIfAbsent(batch, rows);
    }
  }

  static void replace(Key key, long batch, List<Row> rows) {
    synchronized (KEPT) {
      if (last(key) < batch) {
        KEPT.put(key, new TreeMap<>(Map.of(batch, rows)));
      }
    }
  }

  static SortedMap<Long, List<Row>> batches(String name) {
    SortedMap<Long, List<Row>> all = new TreeMap<>();
    synchronized (KEPT) {
      KEPT.forEach(
          (key, batches) -> {
            if (key.name().equals(name)) {
              batches.forEach(
                  (batch, rows) ->
                      all.computeIfAbsent(batch, unused -> new ArrayList<>()).addAll(rows));
            }
          });
    }
    return all;
  }

  static void clear(String name) {
    synchronized (KEPT) {
      KEPT.keySet().removeIf(key -> key.name().equals(name));
    }
  }
}
