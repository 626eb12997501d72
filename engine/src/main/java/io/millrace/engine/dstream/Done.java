package io.millrace.engine.dstream;

import io.millrace.engine.run.Whole;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.execution.streaming.checkpointing.CheckpointFileManager;

/**
 * The last batch of each query that every sink has, by its number and its time. Batches without
 * rows have no number. Spark hands out again what it had not noted in its own checkpoint: of that,
 * only what is not noted here either is written again.
 */
final class Done {
  private final Path folder;
  private final CheckpointFileManager files;
  private final Map<String, Note> last = new ConcurrentHashMap<>();
  private final Map<String, Note> begun = new ConcurrentHashMap<>();

  Done(Path folder, CheckpointFileManager files) {
    this.folder = folder;
    this.files = files;
  }

  private record Note(long batch, long millis) {
    static Note of(String text) {
      String[] numbers = text.strip().split(" ", 2);
      return new Note(Long.parseLong(numbers[0]), Long.parseLong(numbers[1]));
    }
  }

  /** Reads what is noted of a query. */
  void read(String query) {
    read(query, last, query);
    read(begunOf(query), begun, query);
  }

  private void read(String name, Map<String, Note> notes, String query) {
    Path file = new Path(folder, name);
    if (files.exists(file)) {
      notes.put(query, Note.of(new String(Whole.read(files, file), StandardCharsets.UTF_8)));
    }
  }

  private static String begunOf(String query) {
    return query + ".begun";
  }

  /** The number of the last batch of each query. */
  Map<String, Long> numbers() {
    return last.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, note -> note.getValue().batch()));
  }

  /** Whether the batch of a time is done. */
  boolean has(String query, long millis) {
    return Optional.ofNullable(last.get(query)).filter(note -> note.millis() >= millis).isPresent();
  }

  /** The number of the next batch that has rows: the same one until it is noted. */
  long next(String query) {
    return Optional.ofNullable(last.get(query)).map(note -> note.batch() + 1).orElse(0L);
  }

  /** A batch that was begun, and its time. */
  record Begun(long batch, long millis) {}

  /**
   * A batch that was begun for another time and is not done. Some sinks may have it and others not,
   * and its rows are gone: it has to be done before rows of this time get a number, or sinks would
   * take them for those, or miss a number.
   */
  Optional<Begun> abandoned(String query, long millis) {
    return Optional.ofNullable(begun.get(query))
        .filter(note -> note.batch() >= next(query) && note.millis() != millis)
        .map(note -> new Begun(note.batch(), note.millis()));
  }

  /** The number of a batch whose rows may not come again, noted before it is written. */
  long begin(String query, long millis) {
    long next = next(query);
    begun.put(query, write(begunOf(query), next, millis));
    return next;
  }

  void note(String query, long batch, long millis) {
    last.put(query, write(query, batch, millis));
  }

  private Note write(String name, long batch, long millis) {
    byte[] text = (batch + " " + millis).getBytes(StandardCharsets.UTF_8);
    Whole.write(files, new Path(folder, name), text);
    return new Note(batch, millis);
  }

  /** Forgets all of it. */
  void clear() {
    last.keySet().forEach(query -> files.delete(new Path(folder, query)));
    begun.keySet().forEach(query -> files.delete(new Path(folder, begunOf(query))));
    last.clear();
    begun.clear();
  }
}
