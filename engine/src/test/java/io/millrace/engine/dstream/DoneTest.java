package io.millrace.engine.dstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.disk.Disk;
import io.millrace.engine.testing.Folders;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.execution.streaming.checkpointing.CheckpointFileManager;
import org.junit.jupiter.api.Test;

class DoneTest {
  private final Path folder = new Path(Folders.temporary("done").toString(), "done");

  /** What a start finds. */
  private Done done() {
    Configuration hadoop = new Configuration();
    Disk.use(hadoop);
    CheckpointFileManager files = CheckpointFileManager.create(folder, hadoop);
    files.mkdirs(folder);
    Done done = new Done(folder, files);
    done.read("rows");
    return done;
  }

  @Test
  void aBatchHasItsNumberUntilItIsDone() {
    assertThat(done().next("rows")).isZero();
    assertThat(done().next("rows")).isZero();
    done().note("rows", 0, 1_000);

    assertThat(done().next("rows")).isEqualTo(1);
    assertThat(done().has("rows", 1_000)).isTrue();
    assertThat(done().has("rows", 1_500)).isFalse();
    assertThat(done().numbers()).containsEntry("rows", 0L);
  }

  @Test
  void rowsOfALaterTimeAreNotTakenForThoseThatAreGone() {
    Done first = done();
    assertThat(first.begin("rows", 1_000)).isZero();
    first.note("rows", 0, 1_000);
    assertThat(first.begin("rows", 1_500)).isEqualTo(1);

    // Sinks may have batch 1 now. Its rows come again, or it is done without any before others.
    assertThat(done().abandoned("rows", 1_500)).isEmpty();
    assertThat(done().begin("rows", 1_500)).isEqualTo(1);
    assertThat(done().abandoned("rows", 2_000)).contains(new Done.Begun(1, 1_500));
    Done last = done();
    last.note("rows", 1, 1_500);
    assertThat(last.abandoned("rows", 2_000)).isEmpty();
    assertThat(last.begin("rows", 2_000)).isEqualTo(2);
    last.note("rows", 2, 2_000);
    assertThat(done().abandoned("rows", 2_500)).isEmpty();
    last.clear();
    assertThat(done().abandoned("rows", 4_000)).isEmpty();
    assertThat(done().begin("rows", 4_000)).isZero();
  }
}
