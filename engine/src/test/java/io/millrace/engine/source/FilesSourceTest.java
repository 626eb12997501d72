package io.millrace.engine.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.source.FilesSource.After;
import io.millrace.engine.source.FilesSource.Format;
import io.millrace.engine.testing.Sessions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FilesSourceTest {
  private final SparkSession spark = Sessions.spark();
  @TempDir private Path folder = Path.of("");
  private Path in = Path.of("");

  @BeforeEach
  void createFolder() throws IOException {
    in = Files.createDirectories(folder.resolve("in"));
  }

  private FilesSource source(
      Format format, Optional<String> schema, After after, Optional<String> archive) {
    return new FilesSource(
        new FilesSource.Settings(
            in.toString(),
            format,
            schema,
            false,
            ",",
            Optional.of(1),
            Optional.empty(),
            false,
            after,
            archive,
            Optional.empty(),
            false,
            Optional.empty()));
  }

  private FilesSource source(Format format, String schema) {
    return source(format, Optional.of(schema), After.KEEP, Optional.empty());
  }

  @ParameterizedTest
  @EnumSource(names = {"PARQUET", "AVRO", "ORC", "JSON", "CSV"})
  void readsEachFormatAsStreamAndAsTable(Format format) {
    spark
        .sql("select 1L as id, 'a' as name")
        .write()
        .mode("overwrite")
        .format(format.name().toLowerCase(Locale.ROOT))
        .save(in.toString());
    FilesSource source = source(format, "id bigint not null, name string");

    for (List<Row> rows :
        List.of(
            source.read(spark).collectAsList(),
            Streams.rows(source.open(spark), folder.resolve("checkpoint")))) {
      assertThat(rows).hasSize(1);
      assertThat(rows.get(0).getLong(0)).isEqualTo(1L);
      assertThat(rows.get(0).getString(1)).isEqualTo("a");
      Row coordinates = rows.get(0).getAs("_source");
      assertThat(coordinates.getString(0)).startsWith("file:").contains(in.toString());
      assertThat(coordinates.isNullAt(1)).isFalse();
    }
    assertThat(source.schema().orElseThrow().simpleString())
        .isEqualTo("struct<id:bigint,name:string,_source:struct<file:string,timestamp:timestamp>>");
    assertThat(source.schema().orElseThrow().apply("id").nullable()).isFalse();
  }

  private FilesSource byManifest(String sink, Optional<String> glob) {
    return new FilesSource(
        new FilesSource.Settings(
            in.toString(),
            Format.TEXT,
            Optional.empty(),
            false,
            ",",
            Optional.empty(),
            Optional.empty(),
            false,
            After.KEEP,
            Optional.empty(),
            glob,
            false,
            Optional.of(sink)));
  }

  private void manifest(int number, String attempt, String... files) throws IOException {
    List<String> entries = new ArrayList<>();
    for (String file : files) {
      Files.createDirectories(in.resolve(file).resolve("..").normalize());
      Files.writeString(in.resolve(file), file);
      entries.add("{\"path\":\"" + file + "\",\"bytes\":1}");
    }
    Files.writeString(
        Files.createDirectories(in.resolve("_millrace/orders/archive"))
            .resolve("%020d.json".formatted(number)),
        "{\"format\":1,\"attempt\":\"%s\",\"files\":%s}".formatted(attempt, entries));
  }

  private static List<String> lines(FilesSource source, SparkSession spark) {
    return source.read(spark).collectAsList().stream()
        .map(row -> row.getString(0))
        .sorted()
        .toList();
  }

  @Test
  void readsWholeBatchesByTheirManifests() throws IOException {
    FilesSource source = byManifest("orders/archive", Optional.empty());
    manifest(0, "");
    assertThat(lines(source, spark)).isEmpty();
    manifest(1, "1-0-x", "day=1/one", "day=2/two");
    Path moving = Files.createDirectories(in.resolve("_millrace/orders/archive/attempts/1-0-x"));
    Files.writeString(in.resolve("day=2/of no batch"), "other");
    assertThat(lines(source, spark)).isEmpty();
    Files.delete(moving);
    assertThat(lines(source, spark)).containsExactly("day=1/one", "day=2/two");

    // The attempt of a batch that another one follows is no matter.
    Files.createDirectories(moving);
    manifest(2, "1-1-x", "day=1/three");
    assertThat(lines(source, spark)).containsExactly("day=1/one", "day=1/three", "day=2/two");

    manifest(3, "1-2-x", "four");
    assertThatThrownBy(() -> source.read(spark))
        .hasMessageContaining("in %s together: partition-by was changed in between".formatted(in));
  }

  @Test
  void saysWhatIsWrongWithAManifest() throws IOException {
    assertThatThrownBy(() -> byManifest("archive", Optional.empty()))
        .hasMessage(
            "Expected a job and a sink for manifest, such as orders/archive, found archive");
    assertThatThrownBy(() -> byManifest("orders/archive", Optional.of("*.txt")))
        .hasMessage(
            "Cannot take manifest with glob or recursive: it names the files. Leave them out");
    FilesSource source = byManifest("orders/archive", Optional.empty());
    assertThatThrownBy(() -> source.read(spark))
        .hasMessage(
            "Cannot find manifests of orders/archive in %s. Name the job and the files sink that write there, or leave manifest out"
                .formatted(in));
    assertThatThrownBy(() -> source.open(spark))
        .hasMessage(
            "Cannot stream by a manifest: this is not supported yet. Leave manifest out: a stream"
                + " takes each file once");
    manifest(0, "");
    Path file = in.resolve("_millrace/orders/archive/00000000000000000000.json");
    Files.writeString(file, Files.readString(file).replace("1", "2"));
    assertThatThrownBy(() -> source.read(spark))
        .hasMessageEndingWith("its format is 2, this version knows 1. Use a later version");
  }

  @Test
  void findsTheColumnsOfFilesThatKnowThem() {
    spark.range(2).write().mode("overwrite").parquet(in.toString());
    FilesSource source = source(Format.PARQUET, Optional.empty(), After.KEEP, Optional.empty());
    assertThat(source.open(spark).schema().fieldNames()).containsExactly("id", "_source");
    assertThat(source.schema()).isEmpty();
  }

  @Test
  void tagsLinesThatAreNoJsonOfTheSchema() throws IOException {
    Files.writeString(in.resolve("a.json"), "{\"a\": 1}\n{\"a\": \"x\"}\noops\n");
    FilesSource source = source(Format.JSON, "a int");
    assertThat(source.decodes()).isTrue();
    for (List<Row> rows :
        List.of(
            source.read(spark).collectAsList(),
            Streams.rows(source.open(spark), folder.resolve("checkpoint")))) {
      assertThat(rows)
          .extracting(row -> row.isNullAt(row.fieldIndex("_dead")))
          .containsExactly(true, false, false);
      assertThat(rows.get(0).getInt(0)).isEqualTo(1);
      assertThat(rows.get(1).<Row>getAs("_dead").<String>getAs("reason"))
          .isEqualTo("Expected JSON of the schema, found {\"a\": \"x\"}");
      assertThat(new String((byte[]) rows.get(2).getAs("_raw"), StandardCharsets.UTF_8))
          .isEqualTo("oops");
    }
  }

  @Test
  void tagsLinesThatAreNoCsvOfTheSchema() throws IOException {
    Files.writeString(in.resolve("a.csv"), "1,x\none,y\n3\n");
    assertThat(
            source(Format.CSV, "a int, b string")
                .read(spark)
                .where("_dead is not null")
                .selectExpr("cast(_raw as string)")
                .as(org.apache.spark.sql.Encoders.STRING())
                .collectAsList())
        .containsExactly("one,y", "3");
  }

  @Test
  void findsALineBadWhateverAQueryReads() throws IOException {
    Files.writeString(in.resolve("a.json"), "{\"a\": 1, \"b\": \"x\"}\n{\"a\": 2, \"b\": 5}\n");
    Dataset<Row> rows = source(Format.JSON, "a int, b int").read(spark);
    assertThat(rows.where("_dead is null").select("a").collectAsList())
        .extracting(row -> row.getInt(0))
        .containsExactly(2);
    assertThat(rows.where("_dead is not null").count()).isEqualTo(1);
  }

  @Test
  void givesLinesOfTextAndGoesOnWhereItStopped() throws IOException {
    FilesSource source = source(Format.TEXT, Optional.empty(), After.KEEP, Optional.empty());
    Path checkpoint = folder.resolve("checkpoint");
    Files.writeString(in.resolve("a.txt"), "a1\na2\n");
    assertThat(values(Streams.rows(source.open(spark), checkpoint))).containsExactly("a1", "a2");

    Files.writeString(in.resolve("b.txt"), "b1\n");
    Files.writeString(in.resolve("c.txt"), "c1\n");
    List<List<Row>> later = Streams.batches(source.open(spark), checkpoint);
    assertThat(later).hasSize(2);
    assertThat(later).flatMap(FilesSourceTest::values).containsExactlyInAnyOrder("b1", "c1");
  }

  @Test
  void archivesFilesThatWereRead() throws IOException {
    Path archive = folder.resolve("archive");
    FilesSource source =
        source(Format.TEXT, Optional.empty(), After.ARCHIVE, Optional.of(archive.toString()));
    Path checkpoint = folder.resolve("checkpoint");
    Files.writeString(in.resolve("a.txt"), "a");
    Streams.rows(source.open(spark), checkpoint);
    Files.writeString(in.resolve("b.txt"), "b");
    Streams.rows(source.open(spark), checkpoint);
    Files.writeString(in.resolve("c.txt"), "c");
    Streams.rows(source.open(spark), checkpoint);
    try (Stream<Path> files = Files.walk(archive)) {
      assertThat(files.map(file -> String.valueOf(file.getFileName()))).contains("a.txt");
    }
    assertThat(in.resolve("a.txt")).doesNotExist();
  }

  private static List<String> values(List<Row> rows) {
    return rows.stream().map(row -> row.<String>getAs("value")).toList();
  }

  @Test
  void refusesSettingsThatContradict() {
    assertThatThrownBy(() -> source(Format.JSON, Optional.empty(), After.KEEP, Optional.empty()))
        .hasMessageStartingWith("Missing schema for json. ");
    assertThatThrownBy(() -> source(Format.TEXT, "a int"))
        .hasMessageStartingWith("Cannot take a schema for text. ");
    assertThatThrownBy(() -> source(Format.TEXT, Optional.empty(), After.ARCHIVE, Optional.empty()))
        .hasMessageStartingWith("Needs after: archive and archive-to together. ");
  }

  @Test
  void keepsTheColumnsOfATableAndAStreamAlike() throws IOException {
    Files.writeString(in.resolve("a.json"), "{\"a\": 1}");
    FilesSource source = source(Format.JSON, "a int");
    Dataset<Row> table = source.read(spark);
    assertThat(source.open(spark).columns()).containsExactly(table.columns());
    assertThat(table.columns()).containsExactly("a", "_source", "_raw", "_dead");
  }
}
