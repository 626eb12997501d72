package io.millrace.sinks.files;

import static io.millrace.sinks.testing.Batches.APPEND;
import static io.millrace.sinks.testing.Batches.UPDATE;
import static io.millrace.sinks.testing.Batches.UPSERT;
import static io.millrace.sinks.testing.Batches.batch;
import static io.millrace.sinks.testing.Batches.query;
import static io.millrace.sinks.testing.Batches.sql;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.BatchFence;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Origin;
import io.millrace.engine.testing.Sessions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.io.BooleanWritable;
import org.apache.hadoop.io.IntWritable;
import org.apache.hadoop.io.NullWritable;
import org.apache.hadoop.io.Text;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
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
    return switch (format) {
      case SEQUENCE ->
          java()
              .sequenceFile(folder.resolve("*.seq").toString(), NullWritable.class, Text.class)
              .map(pair -> pair._2().toString())
              .collect();
      case OBJECT -> java().<String>objectFile(folder.resolve("*.seq").toString()).collect();
      case JSON, CSV, PARQUET, TEXT, AVRO, ORC -> table(format);
    };
  }

  private static JavaSparkContext java() {
    return JavaSparkContext.fromSparkContext(Sessions.spark().sparkContext());
  }

  private List<String> table(FilesSink.Format format) {
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
    sink(format).write(batch(who, 0, sql("select cast(id as string) v from range(0)")));
    assertThat(files()).isEmpty();
    assertThat(last(format, who)).isEqualTo(0);

    sink(format).write(batch(who, 1, sql(ROWS)));
    List<Path> before = files();
    sink(format).write(batch(who, 1, sql(ROWS)));

    assertThat(files()).isEqualTo(before).isNotEmpty();
    assertThat(before)
        .allSatisfy(file -> assertThat(file.getFileName().toString()).startsWith("batch-1-"));
    assertThat(named()).containsExactlyElementsOf(before);
    assertThat(read(format)).containsExactlyInAnyOrderElementsOf(rows(ROWS));
  }

  private long last(FilesSink.Format format, Identity who) {
    return sink(format).held(Sessions.spark(), who).orElseThrow().batch();
  }

  /** The files that manifests name, with the sizes that these say, as any reader can find them. */
  private List<Path> named() throws IOException {
    List<Path> named = new ArrayList<>();
    try (Stream<Path> all = Files.list(folder.resolve("_millrace/job/sink"))) {
      for (Path manifest : all.filter(Files::isRegularFile).toList()) {
        for (JsonNode file : new ObjectMapper().readTree(manifest.toFile()).get("files")) {
          named.add(folder.resolve(file.get("path").asText()));
          assertThat(named.get(named.size() - 1)).hasSize(file.get("bytes").asLong());
        }
      }
    }
    return named.stream().sorted().toList();
  }

  private ManifestLog log(Identity who) {
    return ManifestLog.of(Sessions.spark(), folder.toString(), who);
  }

  private Path attempts() {
    return folder.resolve("_millrace/job/sink/attempts");
  }

  /** A start that is killed when the rows of a batch are aside, or when its manifest is there. */
  private Manifest killed(Identity who) {
    ManifestLog log = log(who);
    FilesSink sink = sink(FilesSink.Format.JSON);
    BatchFence unused = sink.start(Sessions.spark(), who, APPEND);
    DataFolder.Staged staged =
        new DataFolder(sink.settings(), log).stage(batch(who, 0, sql(ROWS)), 1);
    return new Manifest(
        new Held(who.queryId(), 1, 0, Optional.of(staged.rows()), Optional.empty()),
        staged.name(),
        staged.files());
  }

  @Test
  void whatWasWrittenBeforeAKillIsNeverSeenAndCleanedUp() throws IOException {
    Identity who = query();
    Path left = attempts().resolve(killed(who).attempt());
    assertThat(left).isNotEmptyDirectory();
    assertThat(last(FilesSink.Format.JSON, who)).isEqualTo(-1);

    sink(FilesSink.Format.JSON).write(batch(who, 0, sql(ROWS)));
    assertThat(attempts()).isEmptyDirectory();
    assertThat(files()).hasSize(2).isEqualTo(named());
    assertThat(read(FilesSink.Format.JSON)).containsExactlyInAnyOrderElementsOf(rows(ROWS));
  }

  @Test
  void aBatchWithAManifestIsThereWhenKilledWhileItsFilesMove() throws IOException {
    Identity who = query();
    Manifest manifest = killed(who);
    assertThat(log(who).add(log(who).tip(), manifest)).isTrue();
    String first = manifest.files().get(0).path();
    Files.move(
        attempts().resolve(manifest.attempt()).resolve(first.substring("batch-0-".length())),
        folder.resolve(first));
    assertThat(read(FilesSink.Format.JSON)).hasSizeBetween(1, 9);
    assertThat(last(FilesSink.Format.JSON, who)).isEqualTo(0);

    String other = "select raise_error('read again') v";
    sink(FilesSink.Format.JSON).write(batch(who, 0, sql(other)));
    assertThat(files()).hasSize(2).isEqualTo(named());
    assertThat(attempts()).isEmptyDirectory();
    assertThat(read(FilesSink.Format.JSON)).containsExactlyInAnyOrderElementsOf(rows(ROWS));
  }

  @Test
  void aStartKeepsTheOneBeforeItOut() throws IOException {
    Identity who = query();
    FilesSink sink = sink(FilesSink.Format.TEXT);
    BatchFence before = sink.start(Sessions.spark(), who, APPEND);
    before.write(batch(who, 0, sql("select 'a' v")));
    // Its rows are aside, its manifest is not added yet.
    Optional<ManifestLog.Tip> found = log(who).tip();
    BatchFence after = sink.start(Sessions.spark(), who, APPEND);

    assertThat(log(who).add(found, Manifest.of(found.orElseThrow().held()))).isFalse();
    assertThatThrownBy(() -> before.write(batch(who, 1, sql("select 'b' v"))))
        .hasMessage(
            "Cannot commit batch 1 of sink sink: fenced by epoch 2, this start has epoch 1");
    assertThatThrownBy(before::last)
        .hasMessage("Cannot go on with sink sink: fenced by epoch 2, this start has epoch 1");
    after.write(batch(who, 1, sql("select 'c' v")));
    assertThat(after.last()).isEqualTo(1);
    assertThat(read(FilesSink.Format.TEXT)).containsExactlyInAnyOrder("a", "c");
    assertThat(files()).isEqualTo(named());
  }

  @Test
  void ofManyThatCreateOneFileOneDoesAndItsContentIsWhole() throws Exception {
    ManifestLog log = log(query());
    org.apache.hadoop.fs.Path file = new org.apache.hadoop.fs.Path(log.own(), "one");
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Boolean>> tries = new ArrayList<>();
      for (int one = 0; one < 40; one++) {
        byte[] content = Integer.toString(one).repeat(9).getBytes(UTF_8);
        tries.add(
            () ->
                CreateOnce.create(
                    log.system(),
                    new Configuration(),
                    file,
                    new org.apache.hadoop.fs.Path(log.attempts(), "1-one"),
                    content));
      }
      List<Integer> winners = new ArrayList<>();
      List<Future<Boolean>> done = threads.invokeAll(tries);
      for (int one = 0; one < done.size(); one++) {
        if (done.get(one).get()) {
          winners.add(one);
        }
      }
      assertThat(winners).hasSize(1);
      assertThat(folder.resolve("_millrace/job/sink/one"))
          .hasContent(Integer.toString(winners.get(0)).repeat(9));
      assertThat(attempts()).isEmptyDirectory();
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void namesFoldersByColumns() throws IOException {
    sink(FilesSink.Format.ORC, "_day", "n")
        .write(
            batch(query(), 0, sql("select 'a' v, 1 _day, null n union all select 'b', 2, 'x/y'")));

    assertThat(files())
        .isEqualTo(named())
        .extracting(file -> folder.relativize(file.resolve("..").normalize()).toString())
        .containsExactly("_day=1/n=__HIVE_DEFAULT_PARTITION__", "_day=2/n=x%2Fy");
  }

  @Test
  void refusesTheBatchesOfAnotherCheckpointUntilTheyAreAdopted() {
    Identity before = query();
    FilesSink sink = sink(FilesSink.Format.CSV);
    sink.write(batch(before, 0, sql("select 'a' v")));
    Identity who = query();

    assertThatThrownBy(() -> sink.write(batch(who, 0, sql("select 'b' v"))))
        .hasMessageContaining("_millrace/job/sink has batch 0 of job job, sink sink from another")
        .hasMessageContaining("the files of before left there, delete the folder file:");
    sink.adopt(Sessions.spark(), who, -1);
    sink.write(batch(who, 0, sql("select 'b' v")));
    assertThat(read(FilesSink.Format.CSV)).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void remembersWhatABatchComesFrom() {
    Identity who = query();
    Origin origin = new Origin("{\"logOffset\":0}", "plan", Optional.empty());
    sink(FilesSink.Format.JSON).write(new Batch(who, APPEND, 3, sql(ROWS), Optional.of(origin)));

    Held held = sink(FilesSink.Format.JSON).held(Sessions.spark(), who).orElseThrow();
    assertThat(held)
        .isEqualTo(new Held(who.queryId(), 1, 3, Optional.of(10L), held.at(), Optional.of(origin)));
    assertThat(held.at()).isPresent();
  }

  @Test
  void refusesAManifestOfALaterVersion() throws IOException {
    Identity who = query();
    sink(FilesSink.Format.JSON).write(batch(who, 0, sql("select 'a' v")));
    Path tip = folder.resolve("_millrace/job/sink/00000000000000000001.json");
    Files.writeString(tip, Files.readString(tip).replace("\"format\":1", "\"format\":2"));

    assertThatThrownBy(() -> sink(FilesSink.Format.JSON).held(Sessions.spark(), who))
        .hasMessageContaining(
            "00000000000000000001.json: Cannot read a manifest of format 2: this version knows"
                + " format 1");
  }

  @Test
  void promisesLessWhereTwoStartsCanCreateOneFile() {
    SparkSession spark = Sessions.spark().newSession();
    spark.conf().set("fs.far.impl", FarDisk.class.getName());
    spark.conf().set("fs.defaultFS", "far:///");
    FilesSink far =
        new FilesSink(
            new FilesSink.Settings("far://" + folder, FilesSink.Format.TEXT, List.of(), Map.of()));
    assertThat(far.guarantee(APPEND)).isEqualTo(Guarantee.ONCE_PER_KEY);
    Identity who = query();
    Dataset<Row> rows = spark.sql("select 'a' v");
    far.write(batch(who, 0, rows));
    far.write(batch(who, 0, rows));
    assertThat(read(FilesSink.Format.TEXT)).containsExactly("a");

    assertThatThrownBy(() -> sink(FilesSink.Format.TEXT).start(spark, who, APPEND))
        .hasMessage(
            "Cannot write to far:%s exactly once: there, two starts can create one file. Name it so in path, for which once per key is promised"
                .formatted(folder));
  }

  /** Files of this machine under the name of another store. */
  public static final class FarDisk extends RawLocalFileSystem {
    @Override
    public URI getUri() {
      return URI.create("far:///");
    }
  }

  @Test
  void saysWhatItPromisesAndRefuses() {
    FilesSink sink = sink(FilesSink.Format.CSV);
    assertThat(sink.guarantee(APPEND)).isEqualTo(Guarantee.EXACTLY_ONCE);
    assertThatThrownBy(() -> sink.guarantee(UPDATE))
        .hasMessage(
            "Cannot write mode update to files: a file does not change. Use mode: append, or a jdbc"
                + " or delta sink");
    assertThatThrownBy(() -> sink.guarantee(UPSERT))
        .hasMessage(
            "Cannot upsert in files: a file does not change. Use write: append, or a jdbc or delta"
                + " sink");
  }

  @Test
  void keysAndValuesOfHadoop() {
    Identity who = query();
    sink(FilesSink.Format.SEQUENCE)
        .write(batch(who, 0, sql("select 7 as k, true as v union all select 8, false")));

    assertThat(
            java()
                .sequenceFile(
                    folder.resolve("*.seq").toString(), IntWritable.class, BooleanWritable.class)
                .map(pair -> pair._1().get() + " " + pair._2().get())
                .collect())
        .containsExactlyInAnyOrder("7 true", "8 false");
    assertThatThrownBy(
            () ->
                sink(FilesSink.Format.SEQUENCE)
                    .write(batch(who, 1, sql("select cast(null as string) as v"))))
        .hasStackTraceContaining("Cannot keep a null of column v in a sequence file.");
  }

  @Test
  void objectsOfEachTypeComeBack() {
    Identity who = query();
    List<String> values =
        List.of("1L", "2", "3.5D", "cast(4.5 as float)", "true", "'x'", "cast(null as string)");
    for (int at = 0; at < values.size(); at++) {
      sink(FilesSink.Format.OBJECT)
          .write(
              batch(
                  who,
                  at,
                  sql("select %s as v from range(0, 25, 1, 1)".formatted(values.get(at)))));
    }

    List<Object> read = java().objectFile(folder.resolve("*.seq").toString()).collect();

    assertThat(read).hasSize(25 * 7).contains(1L, 2, 3.5, 4.5f, true, "x", null);
  }

  @Test
  void refusesWhatFilesOfHadoopCannotKeep() {
    StructType three = sql("select 1 as a, 2 as b, 3 as c").schema();
    assertThatThrownBy(() -> sink(FilesSink.Format.SEQUENCE).check(Sessions.spark(), APPEND, three))
        .hasMessageStartingWith(
            "Cannot keep the columns a, b, c in sequence files: a row is a value, or a key and a"
                + " value. Use fewer in a sql step");
    assertThatThrownBy(() -> sink(FilesSink.Format.OBJECT).check(Sessions.spark(), APPEND, three))
        .hasMessageStartingWith("Cannot keep the columns a, b, c in object files: a row is one");
    sink(FilesSink.Format.SEQUENCE, "a").check(Sessions.spark(), APPEND, three);
    StructType time = sql("select timestamp_seconds(1) as t").schema();
    assertThatThrownBy(() -> sink(FilesSink.Format.OBJECT).check(Sessions.spark(), APPEND, time))
        .hasMessage(
            "Cannot keep column t of type TIMESTAMP in object files. Cast it in a sql step, for"
                + " example to string");
    assertThatThrownBy(
            () ->
                new FilesSink.Settings(
                    "/out", FilesSink.Format.OBJECT, List.of(), Map.of("compression", "gzip")))
        .hasMessage("Cannot take options for object files, which have none. Leave out options");
  }
}
