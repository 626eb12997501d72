package io.millrace.tests.torture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;

/** What is done to a file. */
enum Damage {
  EMPTIED,
  HALVED,
  /** One bit in its middle is turned round. */
  FLIPPED,
  REMOVED,
  /** Replaced by another one of its kind. */
  SWAPPED;

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Does it.
   *
   * @param other of the same kind
   */
  void on(Path file, Path other) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    switch (this) {
      case EMPTIED -> Files.write(file, new byte[0]);
      case HALVED -> Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length / 2));
      case FLIPPED -> {
        if (bytes.length > 0) {
          bytes[bytes.length / 2] ^= 1;
        }
        Files.write(file, bytes);
      }
      case REMOVED -> Files.delete(file);
      case SWAPPED -> Files.copy(other, file, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
