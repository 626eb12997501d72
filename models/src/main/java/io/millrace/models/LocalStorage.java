package io.millrace.models;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/** A folder of this machine. */
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
    return Files.exists(folder.resolve(name));
  }

  @Override
  public InputStream open(String name) throws IOException {
    return Files.newInputStream(folder.resolve(name));
  }

  @Override
  public void replace(String name, byte[] content) throws IOException {
    Files.createDirectories(folder);
    Path written = folder.resolve("." + name + "." + UUID.randomUUID());
    try (FileChannel file =
        FileChannel.open(written, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (ByteBuffer bytes = ByteBuffer.wrap(content); bytes.hasRemaining(); ) {
        file.write(bytes);
      }
      file.force(true);
    }
    Files.move(written, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public List<String> files() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile)
          .map(file -> folder.relativize(file).toString().replace('\\', '/'))
          .filter(name -> !Storage.checksum(name))
          .sorted()
          .toList();
    }
  }
}
