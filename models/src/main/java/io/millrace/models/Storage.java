package io.millrace.models;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.regex.Pattern;

/** The files below one folder: by the JDK on this machine, by Hadoop anywhere else. */
sealed interface Storage permits LocalStorage, HadoopStorage {
  Pattern SCHEME = Pattern.compile("[a-zA-Z][a-zA-Z0-9+.-]+:.*");

  /** The storage of a folder, which need not be there. A path without a scheme is a local one. */
  static Storage of(String folder) {
    if (folder.startsWith("file:")) {
      return LocalStorage.of(folder.replaceFirst("^file:(//(?=/))?", ""));
    }
    return SCHEME.matcher(folder).matches() ? new HadoopStorage(folder) : LocalStorage.of(folder);
  }

  /** The storage of a folder in this one. */
  Storage below(String name);

  /** What Spark calls the folder. */
  String uri();

  boolean exists(String name);

  /** The file is closed by the caller. */
  InputStream open(String name) throws IOException;

  /** Puts a file in place of another, or where none is, so that readers see all of it or none. */
  void replace(String name, byte[] content) throws IOException;

  /**
   * Names of all files in the folder and the folders below, with {@code /} between them. Checksums
   * that Hadoop keeps beside a file are left out: they do not travel from one file system to
   * another.
   */
  List<String> files() throws IOException;

  default byte[] read(String name) {
    try (InputStream stream = open(name)) {
      return stream.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + name + " in " + uri(), e);
    }
  }

  /** Whether a file is one of Hadoop's checksums. */
  static boolean checksum(String name) {
    String last = name.substring(name.lastIndexOf('/') + 1);
    return last.startsWith(".") && last.endsWith(".crc");
  }
}
