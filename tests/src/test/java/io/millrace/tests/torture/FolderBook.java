package io.millrace.tests.torture;

import io.millrace.engine.testing.Folders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** A folder as a whole: that of a table, whose log is its ledger, or that of a checkpoint. */
record FolderBook(Path folder, Path copies) implements Book {
  @Override
  public void keep(String name) {
    copy(folder, copies.resolve(name));
  }

  @Override
  public void putBack(String name) {
    drop();
    copy(copies.resolve(name), folder);
  }

  @Override
  public void drop() {
    Folders.delete(folder);
  }

  /** Copies all that is below a folder. */
  static void copy(Path from, Path to) {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path each : all.toList()) {
        Path target = to.resolve(from.relativize(each).toString());
        if (Files.isDirectory(each)) {
          Files.createDirectories(target);
        } else {
          Files.copy(each, target);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot copy " + from + " to " + to, e);
    }
  }
}
