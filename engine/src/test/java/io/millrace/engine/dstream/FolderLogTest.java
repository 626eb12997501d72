package io.millrace.engine.dstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.disk.Disk;
import io.millrace.engine.testing.Folders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;

class FolderLogTest {
  private final Path folder = new Path(Folders.temporary("folder-log").toString(), "log");

  private static Configuration hadoop() {
    Configuration hadoop = new Configuration();
    Disk.use(hadoop);
    return hadoop;
  }

  private FolderLog log() {
    return FolderLog.in(folder, hadoop());
  }

  @Test
  void givesABatchTheSameFilesInEveryStart() {
    log().note(1_000, List.of("/in/a b", "/in/c"));
    log().note(2_000, List.of());

    assertThat(log().noted(1_000)).contains(List.of("/in/a b", "/in/c"));
    assertThat(log().noted(2_000)).isEmpty();
    assertThat(log().fresh(List.of("/in/c", "/in/d"))).containsExactly("/in/d");
  }

  @Test
  void takesFilesBackOfABatchThatNeverWas() {
    FolderLog log = log();
    log.note(1_000, List.of("/in/a"));
    log.note(2_000, List.of("/in/b"));
    log.revoke(2_000);

    assertThat(log.fresh(List.of("/in/a", "/in/b"))).containsExactly("/in/b");
    assertThat(log().fresh(List.of("/in/a", "/in/b"))).containsExactly("/in/b");
    log.clear();
    assertThat(log().fresh(List.of("/in/a", "/in/b"))).containsExactly("/in/a", "/in/b");
  }

  private FolderLog small() {
    return FolderLog.in(folder, hadoop(), 3);
  }

  private static List<String> files(long time) {
    return List.of("/in/a " + time, "/in/b " + time);
  }

  private Map<String, byte[]> content() throws IOException {
    Map<String, byte[]> content = new TreeMap<>();
    try (Stream<java.nio.file.Path> all = Files.list(java.nio.file.Path.of(folder.toString()))) {
      for (java.nio.file.Path file : all.filter(FolderLogTest::plain).toList()) {
        content.put(String.valueOf(file.getFileName()), Files.readAllBytes(file));
      }
    }
    return content;
  }

  /** Beside them Hadoop may have checksums. */
  private static boolean plain(java.nio.file.Path file) {
    return !String.valueOf(file.getFileName()).startsWith(".");
  }

  private java.nio.file.Path file(String name) {
    return java.nio.file.Path.of(folder.toString(), name);
  }

  private static void holds(FolderLog log, long last) {
    for (long time = 1; time <= last; time++) {
      assertThat(log.noted(time)).contains(files(time));
      assertThat(log.fresh(files(time))).isEmpty();
    }
    assertThat(log.noted(last + 1)).isEmpty();
  }

  @Test
  void putsFilesOfManyBatchesTogether() throws IOException {
    FolderLog log = small();
    for (long time = 1; time <= 100; time++) {
      log.note(time, files(time));
      // Of each level at most three, and so many levels as 3 has powers below 100.
      assertThat(content()).hasSizeLessThanOrEqualTo(15);
    }
    holds(log, 100);
    holds(small(), 100);
    small().note(101, files(101));
    holds(small(), 101);
    FolderLog again = small();
    again.clear();
    assertThat(content()).isEmpty();
    assertThat(again.fresh(files(7))).isEqualTo(files(7));
  }

  /** After each step of putting files together, with any of what it deletes still there. */
  @Test
  void forgetsNothingWhereItIsKilledInBetween() throws IOException {
    int steps = 0;
    for (long time = 1; time <= 40; time++) {
      Map<String, byte[]> before = content(time == 1);
      small().note(time, files(time));
      Map<String, byte[]> after = content();
      for (String gone : before.keySet()) {
        if (!after.containsKey(gone)) {
          steps++;
          Files.write(file(gone), before.get(gone));
          Files.write(file("." + gone + ".tmp"), new byte[1]);
          holds(small(), time);
          assertThat(content()).as("what is in two files").doesNotContainKey(gone);
          Files.delete(file("." + gone + ".tmp"));
        }
      }
      before.forEach(this::put);
      holds(small(), time);
    }
    assertThat(steps).isGreaterThan(40);
  }

  private Map<String, byte[]> content(boolean none) throws IOException {
    return none ? Map.of() : content();
  }

  private void put(String name, byte[] content) {
    try {
      Files.write(file(name), content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aDamagedFileIsNamed() throws IOException {
    FolderLog log = small();
    for (long time = 1; time <= 4; time++) {
      log.note(time, files(time));
    }
    String whole = Files.readString(file("3.1"));
    for (String damaged :
        List.of(
            "", whole.substring(0, whole.lastIndexOf('\n')), whole.replace("2 /in/a", "/in/a"))) {
      Files.writeString(file("3.1"), damaged);
      assertThatThrownBy(this::small)
          .hasMessageMatching(
              "Cannot read .*/3[.]1, which says what batches have read: it is damaged, with \\d"
                  + " lines[.] Put it back from a copy of the checkpoint");
    }
  }

  @Test
  void aBatchOfAStartBeforeIsNotTakenBack() {
    FolderLog before = small();
    for (long time = 1; time <= 4; time++) {
      before.note(time, files(time));
    }
    FolderLog log = small();
    log.revoke(2);
    log.revoke(4);
    holds(log, 4);
    log.note(5, files(5));
    log.revoke(5);
    holds(log, 4);
    holds(small(), 4);
  }
}
