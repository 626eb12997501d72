package io.millrace.sinks.files;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.Set;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.execution.streaming.checkpointing.CheckpointFileManager;
import org.apache.spark.sql.execution.streaming.checkpointing.CheckpointFileManager.CancellableFSDataOutputStream;

/**
 * Small files that are there whole or not at all, and never in place of another one. Of two that
 * create the same file at once, one is told that it did: on this machine by a hard link, on HDFS by
 * a rename that replaces nothing.
 */
final class CreateOnce {
  private static final String LOCAL = "file";
  private static final Set<String> SURE = Set.of(LOCAL, "hdfs");

  private CreateOnce() {}

  /** Whether that holds where addresses begin like this, whoever else is at work. */
  static boolean sure(String scheme) {
    return SURE.contains(scheme);
  }

  /**
   * Creates a file.
   *
   * @param aside the beginning of a name that nobody looks at, on the same disk
   * @return false if it is there already
   */
  static boolean create(
      FileSystem system, Configuration hadoop, Path file, Path aside, byte[] content)
      throws IOException {
    system.mkdirs(file.getParent());
    return LOCAL.equals(system.getUri().getScheme())
        ? link(local(file), local(aside), content)
        : rename(CheckpointFileManager.create(file.getParent(), hadoop), file, content);
  }

  private static java.nio.file.Path local(Path path) {
    return java.nio.file.Path.of(path.toUri().getPath());
  }

  private static boolean link(java.nio.file.Path file, java.nio.file.Path aside, byte[] content)
      throws IOException {
    java.nio.file.Path whole = aside.resolveSibling(aside.getFileName() + "-" + UUID.randomUUID());
    Files.createDirectories(whole.resolve("..").normalize());
    Files.write(whole, content);
    try {
      Files.createLink(file, whole);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (NoSuchFileException e) {
      // A later start cleans up what the ones before it left aside, once its own file is there.
      if (Files.exists(file)) {
        return false;
      }
      throw e;
    } catch (UnsupportedOperationException e) {
      throw new IOException("the disk of " + file + " has no hard links. Use one that has", e);
    } finally {
      Files.deleteIfExists(whole);
    }
  }

  private static boolean rename(CheckpointFileManager files, Path file, byte[] content)
      throws IOException {
    CancellableFSDataOutputStream out = files.createAtomic(file, false);
    try {
      out.write(content);
      out.close();
      return true;
    } catch (org.apache.hadoop.fs.FileAlreadyExistsException e) {
      out.cancel();
      return false;
    } catch (IOException e) {
      out.cancel();
      throw e;
    }
  }
}
