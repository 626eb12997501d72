package io.millrace.tests.torture;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A file system of its own, small enough to be filled. Linux lets only root have one. */
record SmallDisk(Path folder) implements AutoCloseable {
  private static final String SIZE = "size=64m";
  private static final String BALLAST = "ballast";
  private static final int CHUNK = 1 << 20;

  /**
   * Mounts one at a folder.
   *
   * @throws IllegalArgumentException with a sentence, where that is not possible
   */
  static SmallDisk at(Path folder) {
    String system = System.getProperty("os.name");
    if (!system.equals("Linux") || !System.getProperty("user.name").equals("root")) {
      throw new IllegalArgumentException(
          "Cannot fill a disk on %s as %s: a small file system is mounted for that, which Linux lets root do. Leave disk_full out"
              .formatted(system, System.getProperty("user.name")));
    }
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot create " + folder, e);
    }
    run(List.of("mount", "-t", "tmpfs", "-o", SIZE, "tmpfs", folder.toString()));
    return new SmallDisk(folder);
  }

  /** Takes all the space that is left. */
  void fill() {
    try (OutputStream out = Files.newOutputStream(folder.resolve(BALLAST))) {
      for (int chunk = CHUNK; chunk > 0; chunk /= 2) {
        fill(out, new byte[chunk]);
      }
    } catch (IOException e) {
      // The last bytes found no space either.
    }
  }

  private static void fill(OutputStream out, byte[] chunk) {
    try {
      while (true) {
        out.write(chunk);
      }
    } catch (IOException e) {
      // This is what full means.
    }
  }

  /** Gives it back. */
  void free() {
    try {
      Files.deleteIfExists(folder.resolve(BALLAST));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot empty " + folder, e);
    }
  }

  @Override
  public void close() {
    run(List.of("umount", "-l", folder.toString()));
  }

  private static void run(List<String> command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IllegalStateException("Cannot run " + command + ": " + said.strip());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot run " + command, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while " + command + " ran", e);
    }
  }
}
