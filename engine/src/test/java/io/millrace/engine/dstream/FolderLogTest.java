package io.millrace.engine.dstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.testing.Folders;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;

class FolderLogTest {
  private final Path folder = new Path(Folders.temporary("folder-log").toString(), "log");

  private FolderLog log() {
    return FolderLog.in(folder, new Configuration());
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
}
