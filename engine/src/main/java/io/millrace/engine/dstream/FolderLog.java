package io.millrace.engine.dstream;

import io.millrace.engine.run.Whole;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
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
 */
final class FolderLog {
  private final Path folder;
  private final CheckpointFileManager files;
  private final TreeMap<Long, List<String>> batches = new TreeMap<>();
  private final Set<String> seen = new HashSet<>();

  private FolderLog(Path folder, CheckpointFileManager files) {
    this.folder = folder;
    this.files = files;
  }

  /** What is noted in a folder, which is made if it is not there. */
  static FolderLog in(Path folder, Configuration hadoop) {
    FolderLog log = new FolderLog(folder, CheckpointFileManager.create(folder, hadoop));
    log.files.mkdirs(folder);
    log.times().forEach(log::load);
    return log;
  }

  private List<Long> times() {
    return Arrays.stream(files.list(folder))
        .map(file -> file.getPath().getName())
        .filter(name -> name.matches("\\d+"))
        .map(Long::valueOf)
        .toList();
  }

  private void load(long time) {
    String text = new String(Whole.read(files, file(time)), StandardCharsets.UTF_8);
    known(time, text.lines().toList());
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
    if (!names.isEmpty()) {
      Whole.write(files, file(time), String.join("\n", names).getBytes(StandardCharsets.UTF_8));
      known(time, names);
    }
  }

  /** Takes the files of a batch back that never was. */
  synchronized void revoke(long time) {
    files.delete(file(time));
    Optional.ofNullable(batches.remove(time)).ifPresent(names -> names.forEach(seen::remove));
  }

  /** Takes all of it back. */
  synchronized void clear() {
    Map.copyOf(batches).keySet().forEach(this::revoke);
  }

  private Path file(long time) {
    return new Path(folder, Long.toString(time));
  }
}
