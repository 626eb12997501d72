package io.millrace.models;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
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

  /**
   * The file is closed by the caller.
   *
   * @throws NoSuchFileException or FileNotFoundException, if it is not there
   */
  InputStream open(String name) throws IOException;

  /**
   * Puts a file in place of another, or where none is. Who reads it meanwhile by {@link #find} gets
   * all of the old one or all of the new one, also when this fails half-way or is killed.
   */
  void replace(String name, byte[] content) throws IOException;

  /**
   * Puts a file where none is, whole or not at all. Of two that do so at once, one is told that it
   * did, where {@link #sure}.
   *
   * @return false if there is a file of that name already
   */
  boolean create(String name, byte[] content) throws IOException;

  /** Whether no two can create the same file, whoever else is at work. */
  boolean sure();

  /** Removes a file, or a folder with all that is in it, if it is there. */
  void remove(String name) throws IOException;

  /** Names of the files right in this folder, sorted; none if it is not there. */
  List<String> names() throws IOException;

  /**
   * Names of all files in the folder and the folders below, with {@code /} between them, each with
   * its bytes. Checksums that Hadoop keeps beside a file are left out: they do not travel from one
   * file system to another.
   *
   * @throws IllegalStateException with a sentence, if there is a symbolic link among them
   */
  SortedMap<String, Long> files() throws IOException;

  /** Names of the folders right in this one, sorted; none if it is not there. */
  List<String> folders() throws IOException;

  /**
   * A file as it was replaced last, if it is there.
   *
   * @param most bytes that it may have
   * @throws IllegalStateException with a sentence, if it has more
   */
  default Optional<byte[]> find(String name, int most) {
    try (InputStream stream = open(name)) {
      byte[] content = stream.readNBytes(most + 1);
      if (content.length > most) {
        throw new IllegalStateException(
            "Cannot read "
                + uri()
                + "/"
                + name
                + ": it has more than "
                + most
                + " bytes, which nothing that Millrace wrote has");
      }
      return Optional.of(content);
    } catch (NoSuchFileException | FileNotFoundException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + name + " in " + uri(), e);
    }
  }

  /** As {@link #find}, of a file that must be there. */
  default byte[] read(String name, int most) {
    return find(name, most)
        .orElseThrow(() -> new IllegalStateException("Cannot find " + name + " in " + uri()));
  }

  /** Whether a file is one of Hadoop's checksums. */
  static boolean checksum(String name) {
    String last = name.substring(name.lastIndexOf('/') + 1);
    return last.startsWith(".") && last.endsWith(".crc");
  }
}
