package io.millrace.engine.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.execution.streaming.checkpointing.CheckpointFileManager;

/**
 * Where a job keeps what it drives again: {@code <id>} has a drive's letters, its checkpoints and
 * what it is; {@code under-way} names the one that has begun and not ended. There is never more
 * than one of these. Where tables say which letters were driven, neither that file nor {@code
 * ended} is written.
 */
final class DriveFolder {
  private static final String DESCRIPTION = "drive.json";
  private static final String ENDED = "ended";

  private final Path root;
  private final CheckpointFileManager files;

  DriveFolder(Path root, Configuration hadoop) {
    this.root = root;
    this.files = CheckpointFileManager.create(root, hadoop);
  }

  /** The drive that has begun and not ended. */
  Optional<Drive> underWay() {
    Path name = new Path(root, "under-way");
    if (!files.exists(name)) {
      return Optional.empty();
    }
    Drive drive = drive(read(name));
    if (ended().contains(drive.id())) {
      // It ended just before it could say so here.
      files.delete(name);
      return Optional.empty();
    }
    return Optional.of(drive);
  }

  /** The drives that came to their end. */
  List<String> ended() {
    if (!files.exists(root)) {
      return List.of();
    }
    return Arrays.stream(files.list(root))
        .filter(FileStatus::isDirectory)
        .map(folder -> folder.getPath().getName())
        .filter(id -> files.exists(new Path(folder(id), ENDED)))
        .sorted()
        .toList();
  }

  /** The folder of the letters of a drive. */
  Path letters(String drive) {
    return new Path(folder(drive), "letters");
  }

  /** The folder of the checkpoints of one group of a drive. */
  String checkpoint(String drive, int group) {
    return new Path(folder(drive), Integer.toString(group)).toString();
  }

  /** Whether it has a drive, in whatever state. */
  boolean has(Drive drive) {
    return files.exists(new Path(folder(drive.id()), DESCRIPTION));
  }

  /** Keeps what a drive is whose letters are there. */
  void describe(Drive drive) {
    try {
      create(new Path(folder(drive.id()), DESCRIPTION), drive.text());
    } catch (IOException e) {
      throw cannotWrite(e);
    }
  }

  private UncheckedIOException cannotWrite(IOException e) {
    return new UncheckedIOException("Cannot write to " + root, e);
  }

  /** Begins a drive whose letters are there, unless another is under way. */
  boolean begin(Drive drive) {
    try {
      describe(drive);
      create(new Path(root, "under-way"), drive.id());
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (IOException e) {
      throw cannotWrite(e);
    }
  }

  /**
   * Ends the drive that is under way.
   *
   * @param ended run when that is so, before it is said to all
   */
  void end(Drive drive, Runnable ended) {
    try {
      create(new Path(folder(drive.id()), ENDED), "");
    } catch (FileAlreadyExistsException e) {
      // Another start of this drive was quicker.
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot end the drive " + drive.id(), e);
    }
    ended.run();
    files.delete(new Path(root, "under-way"));
  }

  /** Takes a drive back, as if it had never begun. */
  void forget(String drive) {
    if (underWay().filter(found -> found.id().equals(drive)).isPresent()) {
      files.delete(new Path(root, "under-way"));
    }
    files.delete(folder(drive));
  }

  private Drive drive(String id) {
    return Drive.of(read(new Path(folder(id), DESCRIPTION)));
  }

  /** Where it is. */
  @Override
  public String toString() {
    return root.toString();
  }

  private Path folder(String drive) {
    return new Path(root, drive);
  }

  private String read(Path file) {
    return new String(Whole.read(files, file), StandardCharsets.UTF_8);
  }

  private void create(Path file, String text) throws IOException {
    files.mkdirs(file.getParent());
    Whole.create(files, file, text.getBytes(StandardCharsets.UTF_8));
  }
}
