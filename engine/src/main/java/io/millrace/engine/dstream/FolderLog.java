package io.millrace.engine.dstream;

import io.millrace.engine.run.Whole;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.execution.streaming.checkpointing.CheckpointFileManager;

/**
 * Which files of a folder each batch has, noted before the batch has any row. A batch that comes
 * again has the same files, so it has the same rows, and no file is in two batches.
 *
 * <p>A batch is noted in a file of its own. So many of those are put together into one of the next
 * level, and so many of these again: a file is deleted when its batches are in another one, and
 * what a crash leaves behind in between is in both, which is the same.
 */
final class FolderLog {
  private static final int MOST = 100;

  private final Path folder;
  private final CheckpointFileManager files;
  private final int most;
  private final TreeMap<Long, List<String>> batches = new TreeMap<>();
  private final Set<String> seen = new HashSet<>();
  private final List<List<Part>> levels = new ArrayList<>();
  private final Set<Long> own = new HashSet<>();

  private FolderLog(Path folder, CheckpointFileManager files, int most) {
    this.folder = folder;
    this.files = files;
    this.most = most;
  }

  /** A file of the log and the times of its batches. */
  private record Part(String name, Set<Long> times) {
    static int level(String name) {
      int dot = name.indexOf('.');
      return dot < 0 ? 0 : Integer.parseInt(name.substring(dot + 1));
    }
  }

  /** What is noted in a folder, which is made if it is not there. */
  static FolderLog in(Path folder, Configuration hadoop) {
    return in(folder, hadoop, MOST);
  }

  /**
   * The same.
   *
   * @param most how many files of one level are put together
   */
  static FolderLog in(Path folder, Configuration hadoop, int most) {
    FolderLog log = new FolderLog(folder, CheckpointFileManager.create(folder, hadoop), most);
    log.files.mkdirs(folder);
    log.load();
    return log;
  }

  /** From the highest level down, so that what is in a higher one is known to be. */
  private void load() {
    List<String> names =
        Arrays.stream(files.list(folder))
            .map(file -> file.getPath().getName())
            .filter(name -> name.matches("\\d{1,18}(\\.[1-9])?"))
            .sorted()
            .toList();
    for (int level = 9; level >= 0; level--) {
      for (String name : names) {
        if (Part.level(name) == level) {
          load(level, name);
        }
      }
    }
  }

  private void load(int level, String name) {
    Map<Long, List<String>> part = read(level, name);
    if (batches.keySet().containsAll(part.keySet())) {
      files.delete(new Path(folder, name));
      return;
    }
    part.forEach(this::known);
    level(level).add(new Part(name, Set.copyOf(part.keySet())));
  }

  private Map<Long, List<String>> read(int level, String name) {
    Path file = new Path(folder, name);
    List<String> lines =
        new String(Whole.read(files, file), StandardCharsets.UTF_8).lines().toList();
    if (level == 0) {
      return Map.of(Long.parseLong(name), lines);
    }
    Map<Long, List<String>> part = new TreeMap<>();
    if (lines.isEmpty() || !lines.get(0).equals(counted(lines.size() - 1))) {
      throw damaged(file, lines.size());
    }
    for (String line : lines.subList(1, lines.size())) {
      int space = line.indexOf(' ');
      if (space < 1 || !line.substring(0, space).matches("\\d{1,18}")) {
        throw damaged(file, lines.size());
      }
      part.computeIfAbsent(Long.parseLong(line.substring(0, space)), any -> new ArrayList<>())
          .add(line.substring(space + 1));
    }
    return part;
  }

  private static IllegalStateException damaged(Path file, int lines) {
    return new IllegalStateException(
        "Cannot read %s, which says what batches have read: it is damaged, with %d lines. Put it back from a copy of the checkpoint"
            .formatted(file, lines));
  }

  private static String counted(int lines) {
    return lines + " files";
  }

  private List<Part> level(int level) {
    while (levels.size() <= level) {
      levels.add(new ArrayList<>());
    }
    return levels.get(level);
  }

  private void known(long time, List<String> names) {
    batches.put(time, names);
    seen.addAll(names);
  }

  /** The files of the batch of a time; empty where none are noted for it. */
  synchronized Optional<List<String>> noted(long time) {
    return Optional.ofNullable(batches.get(time));
  }

  /** Of some files those that no batch has. */
  synchronized List<String> fresh(List<String> names) {
    return names.stream().filter(name -> !seen.contains(name)).toList();
  }

  /** Gives files to the batch of a time, from now on for ever. */
  synchronized void note(long time, List<String> names) {
    if (names.isEmpty()) {
      return;
    }
    putTogether(0);
    own.clear();
    String name = Long.toString(time);
    Whole.write(
        files, new Path(folder, name), String.join("\n", names).getBytes(StandardCharsets.UTF_8));
    known(time, names);
    own.add(time);
    level(0).add(new Part(name, Set.of(time)));
  }

  /** The last batch is not among them, so that it can be taken back. */
  private void putTogether(int level) {
    List<Part> parts = level(level);
    if (parts.size() < most || level == 9) {
      return;
    }
    putTogether(level + 1);
    Set<Long> times = new HashSet<>();
    parts.forEach(part -> times.addAll(part.times()));
    List<String> lines = new ArrayList<>();
    batches.forEach(
        (time, names) -> {
          if (times.contains(time)) {
            names.forEach(name -> lines.add(time + " " + name));
          }
        });
    lines.add(0, counted(lines.size()));
    String name = Collections.max(times) + "." + (level + 1);
    Whole.write(
        files, new Path(folder, name), String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
    level(level + 1).add(new Part(name, Set.copyOf(times)));
    parts.forEach(part -> files.delete(new Path(folder, part.name())));
    parts.clear();
  }

  /**
   * Takes the files of a batch back that never was: the last one that this start has noted. One of
   * a start before may be in sinks.
   */
  synchronized void revoke(long time) {
    if (own.remove(time)) {
      String name = Long.toString(time);
      files.delete(new Path(folder, name));
      level(0).removeIf(part -> part.name().equals(name));
      Optional.ofNullable(batches.remove(time)).ifPresent(names -> names.forEach(seen::remove));
    }
  }

  /** Takes all of it back. */
  synchronized void clear() {
    levels.forEach(
        parts -> {
          parts.forEach(part -> files.delete(new Path(folder, part.name())));
          parts.clear();
        });
    batches.clear();
    seen.clear();
    own.clear();
  }
}
