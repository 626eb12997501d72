package io.millrace.tests.simulation;

import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * A checkpoint as files: what they say at one moment.
 *
 * @param offsets for each batch that was begun the last row of it
 * @param commits the batches that are done
 * @param since since when each sink is there
 */
record Notes(
    Optional<UUID> id,
    SortedMap<Long, Integer> offsets,
    SortedSet<Long> commits,
    Map<String, Long> since) {
  static final Notes NONE = new Notes(Optional.empty(), new TreeMap<>(), new TreeSet<>(), Map.of());

  Notes of(UUID id) {
    return new Notes(Optional.of(id), offsets, commits, since);
  }

  Notes since(Map<String, Long> since) {
    return new Notes(id, offsets, commits, since);
  }

  Notes begun(long batch, int end) {
    SortedMap<Long, Integer> more = new TreeMap<>(offsets);
    more.put(batch, end);
    return new Notes(id, more, commits, since);
  }

  Notes done(long batch) {
    SortedSet<Long> more = new TreeSet<>(commits);
    more.add(batch);
    return new Notes(id, offsets, more, since);
  }

  /** Without the note of the last batch that is done. */
  Notes forgetful() {
    SortedSet<Long> fewer = new TreeSet<>(commits);
    fewer.remove(done());
    return new Notes(id, offsets, fewer, since);
  }

  long begun() {
    return offsets.isEmpty() ? -1 : offsets.lastKey();
  }

  long done() {
    return commits.isEmpty() ? -1 : commits.last();
  }
}
