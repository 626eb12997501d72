package io.millrace.sinks.jdbc;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What this JVM remembers of the answers to one lookup, for all its tasks: the keys asked for last,
 * each for its time. That a key has no row is remembered as well, for a time of its own.
 */
final class LookupCache {
  private static final Map<LookupJdbcStep.Settings, LookupCache> ALL = new ConcurrentHashMap<>();

  private final LookupJdbcStep.Cache limits;
  private final LinkedHashMap<List<Object>, Answer> answers = new LinkedHashMap<>(16, 0.75f, true);

  private record Answer(List<Object[]> rows, long until) {}

  LookupCache(LookupJdbcStep.Cache limits) {
    this.limits = limits;
  }

  /** The one of this JVM for a lookup that has one. */
  static LookupCache of(LookupJdbcStep.Settings settings) {
    return ALL.computeIfAbsent(settings, known -> new LookupCache(known.cache().orElseThrow()));
  }

  /**
   * The rows of those keys that are remembered.
   *
   * @param now in nanoseconds of any clock that only goes forward
   */
  synchronized Map<List<Object>, List<Object[]>> known(Collection<List<Object>> keys, long now) {
    Map<List<Object>, List<Object[]>> known = new HashMap<>();
    for (List<Object> key : keys) {
      Answer answer = answers.get(key);
      if (answer != null && answer.until() - now > 0) {
        known.put(key, answer.rows());
      } else if (answer != null) {
        answers.remove(key);
      }
    }
    return known;
  }

  /** Remembers the answers to a query. */
  synchronized void keep(
      Collection<List<Object>> keys, Map<List<Object>, List<Object[]>> rows, long now) {
    for (List<Object> key : keys) {
      List<Object[]> own = rows.getOrDefault(key, List.of());
      Duration time = own.isEmpty() ? limits.missing() : limits.timeToLive();
      if (!time.isZero()) {
        answers.put(key, new Answer(own, now + time.toNanos()));
      }
    }
    while (answers.size() > limits.rows()) {
      answers.remove(answers.keySet().iterator().next());
    }
  }
}
