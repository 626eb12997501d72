package io.millrace.models;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** A folder of this machine. No symbolic link below it is followed. */
record LocalStorage(Path folder) implements Storage {
  static LocalStorage of(String folder) {
    return new LocalStorage(Path.of(folder).toAbsolutePath().normalize());
  }

  @Override
  public Storage below(String name) {
    return new LocalStorage(folder.resolve(name));
  }

  @Override
  public String uri() {
    return "file://" + folder;
  }

  @Override
  public boolean exists(String name) {
    return Files.exists(folder.resolve(name), LinkOption.NOFOLLOW_LINKS);
  }

  @Override
  public InputStream open(String name) throws IOException {
    return Files.newInputStream(plain(folder.resolve(name)));
  }

  @Override
  public void replace(String name, byte[] content) throws IOException {
    Path file = folder.resolve(name);
    Path written = file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID());
    Files.createDirectories(file.getParent());
    try {
      write(written, content);
      Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(written);
    }
  }

  /** By a hard link, which replaces nothing. */
  @Override
  public boolean create(String name, byte[] content) throws IOException {
    Path file = folder.resolve(name);
    Path written = file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID());
    Files.createDirectories(file.getParent());
    try {
      write(written, content);
      Files.createLink(file, written);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (UnsupportedOperationException e) {
      throw new IOException("The disk of " + file + " has no hard links. Use one that has", e);
    } finally {
      Files.deleteIfExists(written);
    }
  }

  @Override
  public boolean sure() {
    return true;
  }

  @Override
  public void remove(String name) throws IOException {
    Path path = folder.resolve(name);
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      LocalStorage inner = new LocalStorage(path);
      try (Stream<Path> all = Files.list(path)) {
        for (Path each : (Iterable<Path>) all::iterator) {
          inner.remove(String.valueOf(each.getFileName()));
        }
      }
    }
    Files.deleteIfExists(path);
  }

  @Override
  public List<String> names() throws IOException {
    return listed(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS));
  }

  @Override
  public SortedMap<String, Long> files() throws IOException {
    SortedMap<String, Long> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : (Iterable<Path>) all::iterator) {
        String name = folder.relativize(path).toString().replace('\\', '/');
        if (!path.equals(folder) && Files.isRegularFile(plain(path)) && !Storage.checksum(name)) {
          files.put(name, Files.size(path));
        }
      }
    }
    return files;
  }

  @Override
  public List<String> folders() throws IOException {
    return listed(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS));
  }

  private List<String> listed(Predicate<Path> which) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(which).map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  private static void write(Path path, byte[] content) throws IOException {
    try (FileChannel file =
        FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (ByteBuffer bytes = ByteBuffer.wrap(content); bytes.hasRemaining(); ) {
        file.write(bytes);
      }
      file.force(true);
    }
  }

  private static Path plain(Path path) {
    if (Files.isSymbolicLink(path)) {
      throw new IllegalStateException(
          "Cannot read file://"
              + path
              + ": it is a symbolic link, and what it leads to may change. Put there what it leads"
              + " to");
    }
    return path;
  }
}
