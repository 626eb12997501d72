package io.millrace.sinks.delta;

import static io.millrace.sinks.delta.Given.MERGE;
import static io.millrace.sinks.delta.Given.batch;
import static io.millrace.sinks.testing.Batches.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Identity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UpkeepTest {
  private final Given given;

  UpkeepTest(@TempDir Path folder) {
    this.given = new Given(folder);
  }

  @Test
  void putsFilesTogetherAndRemovesOldOnesWithoutHarmToRowsOrNumbers() throws IOException {
    DeltaSink sink =
        given.sink(
            "keys: [id], order-by: [at], delete-when: v = 'd', upkeep: {optimize-every: 2, vacuum-every: 3}");
    Identity who = query();
    sink.write(batch(who, MERGE, 0, "values (1, 1, 'a'), (2, 1, 'd') t(id, at, v)"));
    sink.write(batch(who, MERGE, 1, "values (3, 1, 'c') t(id, at, v)"));
    assertThat(given.history())
        .extracting(row -> row.<String>getAs("operation"))
        .startsWith("OPTIMIZE", "MERGE");
    assertThat(given.table().inputFiles()).hasSize(1);

    Path old = Files.writeString(Path.of(given.path(), "left-over.parquet"), "of a task that died");
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofDays(8))));
    Path young = Files.writeString(Path.of(given.path(), "new.parquet"), "of a task at work");
    sink.write(batch(who, MERGE, 2, "values (4, 1, 'e') t(id, at, v)"));
    assertThat(old).doesNotExist();
    assertThat(young).exists();

    long commits = given.history().size();
    sink.write(batch(who, MERGE, 2, "values (5, 1, 'again') t(id, at, v)"));
    assertThat(given.history()).hasSize((int) commits);
    sink.write(batch(who, MERGE, 3, "values (2, 0, 'late') t(id, at, v)"));
    assertThat(given.rows("id", "v")).containsExactly("1 a", "3 c", "4 e");
  }

  @Test
  void saysWhatItRefuses() {
    assertThatThrownBy(() -> given.sink("upkeep: {optimize-every: 0}"))
        .hasMessage("Expected a number of batches of 1 or more, found 0");
  }
}
