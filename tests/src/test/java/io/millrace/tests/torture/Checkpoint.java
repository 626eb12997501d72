package io.millrace.tests.torture;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** The checkpoint of a job, read as files by someone who is not the job. */
final class Checkpoint {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;
  private final Map<String, Mark> known = new ConcurrentHashMap<>();

  Checkpoint(Path folder) {
    this.folder = folder;
  }

  /** The queries that have begun a batch. */
  List<String> queries() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(query -> Files.isDirectory(query.resolve("offsets")))
          .map(query -> query.getFileName().toString())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot list " + folder, e);
    }
  }

  /** The last batch that was begun; -1 for none. */
  long begun(String query) {
    return last(query, "offsets");
  }

  /** The last batch that is noted as done; -1 for none. */
  long done(String query) {
    return last(query, "commits");
  }

  private long last(String query, String log) {
    Path files = folder.resolve(query).resolve(log);
    if (!Files.isDirectory(files)) {
      return -1;
    }
    try (Stream<Path> all = Files.list(files)) {
      return all.map(file -> file.getFileName().toString())
          .filter(name -> name.matches("\\d+"))
          .mapToLong(Long::parseLong)
          .max()
          .orElse(-1);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot list " + files, e);
    }
  }

  /** How far a batch that was begun reads; remembered, for a job forgets batches of long ago. */
  Mark mark(String query, long batch) {
    return batch < 0
        ? Mark.NOTHING
        : known.computeIfAbsent(
            query + "/" + batch,
            key -> read(folder.resolve(query).resolve("offsets").resolve(Long.toString(batch))));
  }

  private static Mark read(Path file) {
    try {
      List<String> lines = Files.readAllLines(file);
      Map<Integer, Long> ends = new HashMap<>();
      for (JsonNode topic : JSON.readTree(lines.get(2))) {
        topic
            .properties()
            .forEach(end -> ends.put(Integer.valueOf(end.getKey()), end.getValue().asLong()));
      }
      return new Mark(JSON.readTree(lines.get(1)).path("batchWatermarkMs").asLong(), ends);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + file, e);
    }
  }

  /**
   * Takes back the note that the last batch is done, where that was the last thing the query did:
   * as if it had died between the commit of its sinks and its own.
   *
   * @return whether it was
   */
  boolean forget(String query) {
    long batch = done(query);
    if (batch < 0 || begun(query) != batch) {
      return false;
    }
    Path commits = folder.resolve(query).resolve("commits");
    try {
      Files.delete(commits.resolve(Long.toString(batch)));
      Files.delete(commits.resolve("." + batch + ".crc"));
      return true;
    } catch (NoSuchFileException e) {
      throw new IllegalStateException(
          "There was no checksum of batch " + batch + " in " + commits, e);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot delete batch " + batch + " in " + commits, e);
    }
  }
}
