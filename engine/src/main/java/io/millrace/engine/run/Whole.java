package io.millrace.engine.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.execution.streaming.checkpointing.CheckpointFileManager;
import org.apache.spark.sql.execution.streaming.checkpointing.CheckpointFileManager.CancellableFSDataOutputStream;

/** Small files beside a checkpoint, each there whole or not at all. */
public final class Whole {
  private Whole() {}

  public static byte[] read(CheckpointFileManager files, Path file) {
    try (InputStream in = files.open(file)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + file, e);
    }
  }

  /** Writes a file, in place of one of its name. */
  public static void write(CheckpointFileManager files, Path file, byte[] content) {
    try {
      write(files, file, content, true);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write " + file, e);
    }
  }

  /**
   * Writes a file that is not there yet.
   *
   * @throws org.apache.hadoop.fs.FileAlreadyExistsException if it is
   */
  static void create(CheckpointFileManager files, Path file, byte[] content) throws IOException {
    write(files, file, content, false);
  }

  private static void write(
      CheckpointFileManager files, Path file, byte[] content, boolean replaces) throws IOException {
    CancellableFSDataOutputStream out = files.createAtomic(file, replaces);
    try {
      out.write(content);
      out.close();
    } catch (IOException e) {
      out.cancel();
      throw e;
    }
  }
}
