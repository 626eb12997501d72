package io.millrace.engine.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** Temporary folders. */
public final class Folders {
  /** How often a folder into which others write is gone through again. */
  private static final int TIMES = 100;

  private Folders() {}

  /** A new empty folder that is deleted when the JVM exits. */
  public static Path temporary(String name) {
    try {
      Path folder = Files.createTempDirectory("millrace-" + name + "-");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot create a temporary folder", e);
    }
  }

  /**
   * Deletes a folder and what is in it, also while something else still deletes there, or writes a
   * last file, as Spark's upkeep of state does behind the end of a query.
   */
  public static void delete(Path folder) {
    for (int last = TIMES; Files.exists(folder); last--) {
      try {
        Files.walkFileTree(folder, new Delete());
      } catch (DirectoryNotEmptyException e) {
        if (last == 0) {
          throw new UncheckedIOException("Cannot delete " + folder, e);
        }
      } catch (IOException e) {
        throw new UncheckedIOException("Cannot delete " + folder, e);
      }
    }
  }

  private static final class Delete extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.deleteIfExists(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException why) throws IOException {
      if (why instanceof NoSuchFileException) {
        return FileVisitResult.CONTINUE;
      }
      throw why;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException why)
        throws IOException {
      if (why != null && !(why instanceof NoSuchFileException)) {
        throw why;
      }
      Files.deleteIfExists(folder);
      return FileVisitResult.CONTINUE;
    }
  }
}
