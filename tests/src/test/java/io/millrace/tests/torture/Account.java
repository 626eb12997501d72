package io.millrace.tests.torture;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How a sink differs from the truth, in rows; {@code torn} counts moments at which a reader saw
 * other than whole batches.
 *
 * @param lost rows that are not there
 * @param duplicated rows that are there more often than they should be, also those that should not
 *     be there at all
 * @param altered rows that are there with another content
 */
record Account(long expected, long found, long lost, long duplicated, long altered, long torn) {

  /** Compares what must be with what is, as multisets. */
  static Account of(List<Entry> expected, List<Entry> found, long torn) {
    Map<String, List<Entry>> wanted = byIdentity(expected);
    Map<String, List<Entry>> held = byIdentity(found);
    long lost = 0;
    long duplicated = 0;
    long altered = 0;
    for (Map.Entry<String, List<Entry>> row : wanted.entrySet()) {
      List<Entry> there = held.getOrDefault(row.getKey(), List.of());
      lost += Math.max(0, row.getValue().size() - there.size());
      duplicated += Math.max(0, there.size() - row.getValue().size());
      altered += altered(row.getValue(), there);
    }
    for (Map.Entry<String, List<Entry>> row : held.entrySet()) {
      if (!wanted.containsKey(row.getKey())) {
        duplicated += row.getValue().size();
      }
    }
    return new Account(expected.size(), found.size(), lost, duplicated, altered, torn);
  }

  private static Map<String, List<Entry>> byIdentity(List<Entry> entries) {
    Map<String, List<Entry>> rows = new LinkedHashMap<>();
    for (Entry entry : entries) {
      rows.computeIfAbsent(entry.identity(), key -> new ArrayList<>(1)).add(entry);
    }
    return rows;
  }

  /** Rows of one identity whose content is not one of those that are wanted. */
  private static long altered(List<Entry> wanted, List<Entry> there) {
    Map<String, Integer> left = new HashMap<>();
    wanted.forEach(entry -> left.merge(entry.content(), 1, Integer::sum));
    long others = 0;
    for (Entry entry : there) {
      Integer count = left.getOrDefault(entry.content(), 0);
      if (count > 0) {
        left.put(entry.content(), count - 1);
      } else {
        others++;
      }
    }
    return Math.min(others, Math.max(0, wanted.size() - (there.size() - others)));
  }

  /** Whether every row is there once and as it should be, and was never seen otherwise. */
  boolean holds() {
    return lost == 0 && duplicated == 0 && altered == 0 && torn == 0;
  }
}
