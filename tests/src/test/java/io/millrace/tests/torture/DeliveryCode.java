package io.millrace.tests.torture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** The sources that decide whether every row arrives once: results count for them alone. */
final class DeliveryCode {
  private static final List<String> FOLDERS =
      List.of(
          "engine/src/main/java/io/millrace/engine/run",
          "engine/src/main/java/io/millrace/engine/spi",
          "sinks/src/main/java");
  private static final int LENGTH = 12;

  private DeliveryCode() {}

  /** A version of them, by what they say; {@code home} is the folder of the whole project. */
  static String version(Path home) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String folder : FOLDERS) {
        for (Path file : sources(home.resolve(folder))) {
          digest.update(home.relativize(file).toString().getBytes(StandardCharsets.UTF_8));
          digest.update(Files.readAllBytes(file));
        }
      }
      return HexFormat.of().formatHex(digest.digest()).substring(0, LENGTH);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the sources below " + home, e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This Java has no SHA-256", e);
    }
  }

  /** Of the project that this command was started in. */
  static String version() {
    String home = System.getenv("MILLRACE_HOME");
    return version(Path.of(home == null ? "" : home).toAbsolutePath());
  }

  private static List<Path> sources(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(file -> file.toString().endsWith(".java")).sorted().toList();
    }
  }
}
