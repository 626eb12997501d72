package io.millrace.sinks.files;

import static io.millrace.sinks.testing.Batches.APPEND;
import static io.millrace.sinks.testing.Batches.UPDATE;
import static io.millrace.sinks.testing.Batches.UPSERT;
import static io.millrace.sinks.testing.Batches.batch;
import static io.millrace.sinks.testing.Batches.query;
import static io.millrace.sinks.testing.Batches.sql;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.testing.Sessions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FilesSinkTest {
  private static final String ROWS = "select cast(id as string) v from range(0, 10, 1, 2)";

  private final Path folder;

  FilesSinkTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private FilesSink sink(FilesSink.Format format, String... partitionBy) {
    return new FilesSink(
        new FilesSink.Settings(folder.toString(), format, List.of(partitionBy), Map.of()));
  }

  private List<String> read(FilesSink.Format format) {
    return Sessions.spark()
        .read()
        .format(format.word())
        .schema("v string")
        .load(folder.toString())
        .collectAsList()
        .stream()
        .map(Row::mkString)
        .toList();
  }

  private static List<String> rows(String sql) {
    return sql(sql).collectAsList().stream().map(Row::mkString).toList();
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile)
          .filter(file -> !file.toString().contains("_millrace"))
          .filter(file -> !file.toString().endsWith(".crc"))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @EnumSource
  void addsABatchOnceHoweverOftenItComes(FilesSink.Format format) throws IOException {
    Identity who = query();
    sink(format).write(batch(who, 0, sql(ROWS)));
    sink(format).write(batch(who, 1, sql("select 'next' v")));
    List<Path> before = files();
    sink(format).write(batch(who, 1, sql("select 'next' v")));

    assertThat(files()).isEqualTo(before).isNotEmpty();
    assertThat(before)
        .allSatisfy(file -> assertThat(file.getFileName().toString()).startsWith("batch-"));
    assertThat(read(format)).contains("next").containsAll(rows(ROWS)).hasSize(11);
  }

  @Test
  void addsNothingTwiceWhenKilledBeforeTheBatchWasWhole() throws IOException {
    Identity who = query();
    FolderPublisher killed =
        FolderPublisher.of(sink(FilesSink.Format.JSON).settings(), batch(who, 0, sql(ROWS)));
    killed.stage(sql(ROWS));
    try (Stream<Path> all = Files.walk(folder)) {
      Files.delete(all.filter(file -> file.endsWith("whole-0")).findFirst().orElseThrow());
    }

    sink(FilesSink.Format.JSON).write(batch(who, 0, sql(ROWS)));
    assertThat(read(FilesSink.Format.JSON)).containsExactlyInAnyOrderElementsOf(rows(ROWS));
  }

  @Test
  void goesOnWithTheSameFilesWhenKilledWhilePublishing() throws IOException {
    Identity who = query();
    FolderPublisher killed =
        FolderPublisher.of(sink(FilesSink.Format.JSON).settings(), batch(who, 0, sql(ROWS)));
    killed.stage(sql(ROWS));
    Path staged;
    try (Stream<Path> all = Files.walk(folder)) {
      staged =
          all.filter(file -> file.getFileName().toString().startsWith("part-"))
              .findFirst()
              .orElseThrow();
    }
    Path moved = folder.resolve("batch-0-" + staged.getFileName());
    Files.move(staged, moved);
    assertThat(read(FilesSink.Format.JSON)).hasSizeBetween(1, 9);

    sink(FilesSink.Format.JSON).write(batch(who, 0, sql(ROWS)));
    assertThat(files()).contains(moved).hasSize(2);
    assertThat(read(FilesSink.Format.JSON)).containsExactlyInAnyOrderElementsOf(rows(ROWS));
  }

  @Test
  void addsNothingOfABatchThatFailsHalfWay() throws IOException {
    Identity who = query();
    String failing = ROWS.replace("cast(id", "cast(if(id = 9, raise_error('boom'), id)");
    assertThatThrownBy(() -> sink(FilesSink.Format.PARQUET).write(batch(who, 0, sql(failing))))
        .hasStackTraceContaining("boom");
    assertThat(files()).isEmpty();

    sink(FilesSink.Format.PARQUET).write(batch(who, 0, sql(ROWS)));
    assertThat(read(FilesSink.Format.PARQUET)).containsExactlyInAnyOrderElementsOf(rows(ROWS));
  }

  @ParameterizedTest
  @EnumSource
  void addsNoFileForAnEmptyBatchAndRemembersIt(FilesSink.Format format) throws IOException {
    Identity who = query();
    sink(format).write(batch(who, 0, sql("select 'x' v where rand() > 2")));
    sink(format).write(batch(who, 1, sql("select cast(id as string) v from range(0)")));

    assertThat(files()).isEmpty();
    assertThat(FolderPublisher.of(sink(format).settings(), batch(who, 1, sql("select 1"))).last())
        .isEqualTo(1);
  }

  @Test
  void namesFoldersByColumns() throws IOException {
    sink(FilesSink.Format.ORC, "_day", "n")
        .write(batch(query(), 0, sql("select 'a' v, 1 _day, null n union all select 'b', 2, 'x'")));

    assertThat(files())
        .extracting(file -> folder.relativize(file.resolve("..").normalize()).toString())
        .containsExactly("_day=1/n=__HIVE_DEFAULT_PARTITION__", "_day=2/n=x");
  }

  @Test
  void keepsTheBatchesOfAnotherCheckpoint() {
    sink(FilesSink.Format.CSV).write(batch(query(), 0, sql("select 'a' v")));
    sink(FilesSink.Format.CSV).write(batch(query(), 0, sql("select 'b' v")));

    assertThat(read(FilesSink.Format.CSV)).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void saysWhatItPromisesAndRefuses() {
    FilesSink sink = sink(FilesSink.Format.CSV);
    assertThat(sink.guarantee(APPEND)).isEqualTo(Guarantee.ONCE_PER_KEY);
    assertThatThrownBy(() -> sink.guarantee(UPDATE))
        .hasMessage(
            "Cannot write mode update to files: a file does not change. Use mode: append, or a jdbc"
                + " or delta sink");
    assertThatThrownBy(() -> sink.guarantee(UPSERT))
        .hasMessage(
            "Cannot upsert in files: a file does not change. Use write: append, or a jdbc or delta"
                + " sink");
  }
}
