package io.millrace.engine.run;

import com.fasterxml.jackson.databind.ObjectMapper;
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
 * Where a job keeps what it drives again, beside its checkpoints: {@code drives/<id>} has a drive's
 * letters, its checkpoints and what it is; {@code drives/under-way} names the one that has begun
 * and not ended. There is never more than one of these.
 */
final class DriveFolder {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ENDED = "ended";

  private final Path root;
  private final CheckpointFileManager files;

  DriveFolder(String checkpoint, Configuration hadoop) {
    this.root = new Path(checkpoint, "drives");
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

  /** Begins a drive whose letters are there, unless another is under way. */
  boolean begin(Drive drive) {
    try {
      create(new Path(folder(drive.id()), "drive.json"), JSON.writeValueAsString(drive));
      create(new Path(root, "under-way"), drive.id());
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write to " + root, e);
    }
  }

  /** Ends the drive that is under way. */
  void end(Drive drive) {
    try {
      create(new Path(folder(drive.id()), ENDED), "");
    } catch (FileAlreadyExistsException e) {
      // Another start of this drive was quicker.
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot end the drive " + drive.id(), e);
    }
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
    try {
      return JSON.readValue(read(new Path(folder(id), "drive.json")), Drive.class);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read what the drive " + id + " is", e);
    }
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
