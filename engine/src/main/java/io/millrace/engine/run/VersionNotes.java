package io.millrace.engine.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.execution.streaming.checkpointing.CheckpointFileManager;

/**
 * Which version of a static table, or of what a step scores with, the batches of a query saw, in
 * its checkpoint: one small file for the first batch of each version. A note is there before the
 * batch has rows.
 */
final class VersionNotes {
  /** Spark itself keeps the offsets of so many batches. */
  private static final int KEPT = 100;

  private final Path folder;
  private final CheckpointFileManager files;
  private final TreeMap<Long, String> versions = new TreeMap<>();

  /** Those of static tables. */
  static VersionNotes ofTable(String checkpoint, String table, Configuration hadoop) {
    return new VersionNotes(new Path(new Path(checkpoint, "tables"), table), hadoop);
  }

  /** Those of steps with parts that change. */
  static VersionNotes ofStep(String checkpoint, String step, Configuration hadoop) {
    return new VersionNotes(new Path(new Path(checkpoint, "models"), step), hadoop);
  }

  private VersionNotes(Path folder, Configuration hadoop) {
    this.folder = folder;
    this.files = CheckpointFileManager.create(folder, hadoop);
  }

  /** Reads what is noted; what a checkpoint that was put back does not know is forgotten. */
  void start(long begun) {
    versions.clear();
    if (!files.exists(folder)) {
      return;
    }
    for (FileStatus file : files.list(folder)) {
      String name = file.getPath().getName();
      if (name.matches("[0-9]+") && Long.parseLong(name) > begun) {
        files.delete(file.getPath());
      } else if (name.matches("[0-9]+")) {
        versions.put(Long.valueOf(name), new String(Whole.read(files, file.getPath()), UTF_8));
      }
    }
  }

  /** The version that a batch saw, if it or one before it has noted one. */
  Optional<String> of(long batch) {
    return Optional.ofNullable(versions.floorEntry(batch)).map(Map.Entry::getValue);
  }

  /** The version that the last batch saw. */
  Optional<String> last() {
    return of(Long.MAX_VALUE);
  }

  /** Where they are. */
  Path folder() {
    return folder;
  }

  /** Notes the version that a batch sees, if that is another one than those before saw. */
  void keep(long batch, String version) {
    if (of(batch).filter(version::equals).isPresent()) {
      return;
    }
    if (versions.isEmpty()) {
      files.mkdirs(folder);
    }
    Whole.write(files, new Path(folder, Long.toString(batch)), version.getBytes(UTF_8));
    versions.put(batch, version);
    Optional.ofNullable(versions.floorKey(batch - KEPT)).ifPresent(this::deleteBefore);
  }

  private void deleteBefore(long batch) {
    versions.headMap(batch).keySet().forEach(old -> files.delete(new Path(folder, "" + old)));
    versions.headMap(batch).clear();
  }
}
