package io.millrace.engine.disk;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.testing.Folders;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FsConstants;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.junit.jupiter.api.Test;

class DiskTest {
  private static final FsPermission SECRET = new FsPermission((short) 0600);

  private static Configuration ours() {
    Configuration configuration = new Configuration();
    Disk.use(configuration);
    return configuration;
  }

  private static Path at(java.nio.file.Path folder, String name) {
    return new Path(folder.resolve(name).toUri());
  }

  private static void write(FileContext files, Path path, String text) throws IOException {
    try (var out =
        files.create(
            path,
            EnumSet.of(CreateFlag.CREATE, CreateFlag.OVERWRITE),
            Options.CreateOpts.perms(SECRET))) {
      out.write(text.getBytes(UTF_8));
    }
  }

  /** What a person sees of a folder: names, rights and contents. */
  private static Map<String, String> seen(java.nio.file.Path folder) throws IOException {
    Map<String, String> all = new TreeMap<>();
    try (Stream<java.nio.file.Path> files = Files.walk(folder)) {
      for (java.nio.file.Path file : files.toList()) {
        boolean plain = Files.isRegularFile(file);
        all.put(
            folder.relativize(file).toString(),
            Files.getPosixFilePermissions(file)
                + (plain ? new String(Files.readAllBytes(file), ISO_8859_1) : ""));
      }
    }
    return all;
  }

  private static void workWith(Configuration configuration, java.nio.file.Path folder)
      throws IOException {
    FileContext context = FileContext.getFileContext(FsConstants.LOCAL_FS_URI, configuration);
    context.mkdir(at(folder, "a/b"), new FsPermission((short) 0750), true);
    write(context, at(folder, "a/b/one"), "first");
    write(context, at(folder, "a/b/two"), "second");
    context.rename(at(folder, "a/b/one"), at(folder, "a/b/three"));
    context.rename(at(folder, "a/b/two"), at(folder, "a/b/three"), Options.Rename.OVERWRITE);
    FileSystem files = FileSystem.newInstance(FsConstants.LOCAL_FS_URI, configuration);
    try (var out = files.create(at(folder, "a/four"))) {
      out.write("fourth".getBytes(UTF_8));
    }
    files.setPermission(at(folder, "a/four"), SECRET);
    files.setPermission(at(folder, "a"), new FsPermission((short) 01777));
    files.rename(at(folder, "a/four"), at(folder, "a/five"));
  }

  @Test
  void leavesWhatTheStockOneLeavesAndStartsNoProcess() throws IOException {
    java.nio.file.Path stock = Folders.temporary("stock");
    java.nio.file.Path own = Folders.temporary("own");
    workWith(new Configuration(), stock);

    assertThat(processesOf(() -> workWith(ours(), own)))
        .as("the one for the sticky bit, which Java cannot set")
        .hasSize(1)
        .allMatch(command -> command.startsWith("chmod 1777"));
    assertThat(seen(own)).isEqualTo(seen(stock)).containsKey("a/b/.three.crc");
  }

  @FunctionalInterface
  private interface Work {
    void run() throws IOException;
  }

  private static List<String> processesOf(Work work) throws IOException {
    java.nio.file.Path file = Folders.temporary("jfr").resolve("processes.jfr");
    String thread = Thread.currentThread().getName();
    try (Recording recording = new Recording()) {
      recording.enable("jdk.ProcessStart");
      recording.start();
      work.run();
      recording.stop();
      recording.dump(file);
    }
    return RecordingFile.readAllEvents(file).stream()
        .filter(event -> event.getThread().getJavaName().equals(thread))
        .map(event -> event.getString("command"))
        .toList();
  }

  @Test
  void followsLinksAsTheStockOne() throws IOException {
    java.nio.file.Path folder = Folders.temporary("links");
    Files.writeString(folder.resolve("file"), "text");
    Files.createSymbolicLink(folder.resolve("link"), folder.resolve("file"));
    FileContext stock = FileContext.getFileContext(FsConstants.LOCAL_FS_URI, new Configuration());
    FileContext own = FileContext.getFileContext(FsConstants.LOCAL_FS_URI, ours());
    for (String name : List.of("file", "link")) {
      FileStatus expected = stock.getFileLinkStatus(at(folder, name));
      FileStatus found = own.getFileLinkStatus(at(folder, name));
      assertThat(found.isSymlink()).isEqualTo(expected.isSymlink());
      assertThat(found.getLen()).isEqualTo(expected.getLen());
      assertThat(found.getPath()).isEqualTo(expected.getPath());
    }
  }

  @Test
  void refusesWhatTheStockOneRefuses() throws IOException {
    java.nio.file.Path folder = Folders.temporary("refusals");
    FileContext own = FileContext.getFileContext(FsConstants.LOCAL_FS_URI, ours());
    write(own, at(folder, "one"), "first");
    write(own, at(folder, "two"), "second");
    assertThatThrownBy(() -> own.rename(at(folder, "one"), at(folder, "two")))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThatThrownBy(() -> own.getFileLinkStatus(at(folder, "none")))
        .isInstanceOf(FileNotFoundException.class);
    Files.writeString(folder.resolve("one"), "turned");
    FileSystem files = FileSystem.newInstance(FsConstants.LOCAL_FS_URI, ours());
    assertThatThrownBy(() -> files.open(at(folder, "one")).readAllBytes())
        .isInstanceOf(ChecksumException.class);
  }

  @Test
  void leavesAnotherClassThatSomebodyHasSet() {
    Configuration configuration = new Configuration();
    configuration.set("fs.AbstractFileSystem.file.impl", "com.example.Files");
    configuration.set("fs.file.impl", "com.example.Files");
    Disk.use(configuration);
    assertThat(configuration.get("fs.AbstractFileSystem.file.impl")).isEqualTo("com.example.Files");
    assertThat(configuration.get("fs.file.impl")).isEqualTo("com.example.Files");
  }
}
