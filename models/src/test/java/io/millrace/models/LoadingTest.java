package io.millrace.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.Sessions;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.classification.OneVsRest;
import org.apache.spark.ml.feature.SQLTransformer;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import scala.jdk.javaapi.CollectionConverters;

/** What a model's files may not do, whoever wrote them. */
class LoadingTest {
  private static final Path SHARED = Folders.temporary("shared");
  private static StoredModel trained;

  private final Path store = Folders.temporary("tampered");

  /** The version's folder. */
  private Path folder = store;

  @BeforeAll
  static void train() {
    PipelineModel forest = Clicks.forest().load(Sessions.spark());
    StoredModel plain = Clicks.forest();
    Manifest like = plain.manifest();
    GoldenRows golden = GoldenRows.of(Clicks.rows(), forest, like.inputs(), like.outputs(), 5);
    trained =
        ModelStore.at(SHARED.toString())
            .add(
                forest,
                Map.of(GoldenRows.NAME, golden.json()),
                (version, files) -> Manifests.like(like, version, files));
  }

  @BeforeEach
  void copy() throws IOException {
    folder = store.resolve(trained.manifest().version());
    copy(Path.of(trained.path().substring("file://".length())), folder);
    Files.copy(SHARED.resolve("current"), store.resolve("current"));
  }

  @AfterEach
  void nothingWasInitialised() {
    assertThat(System.getProperty(Gadget.HARM)).as("the gadget's static initialiser").isNull();
  }

  @Test
  void loadsWhatWasStored() {
    assertThat(open().load(Sessions.spark()).stages())
        .extracting(stage -> stage.getClass().getName())
        .containsExactlyElementsOf(trained.manifest().stages());
    assertThat(open().golden().orElseThrow().rows()).hasSize(5);
  }

  @Test
  void noticesAChangedByte() throws IOException {
    Path file = data();
    byte[] content = Files.readAllBytes(file);
    content[content.length / 2] ^= 1;
    Files.write(file, content);

    refuses("the file " + name(file) + " is not what was stored, its sha256 differs");
  }

  @Test
  void noticesFilesThatWereAddedOrRemoved() throws IOException {
    Path added = folder.resolve("model/stages/9_evil/metadata/part-00000");
    Files.createDirectories(added.getParent());
    Files.writeString(added, "{}");
    refuses("the file " + name(added) + " was added after it was stored");
    Folders.delete(folder.resolve("model/stages/9_evil"));

    Path missing = data();
    Files.delete(missing);
    refuses("the file " + name(missing) + " is missing");
  }

  @Test
  void noticesFilesOfAnotherVersion() throws IOException {
    Path other = store.resolve("20260101T000000000Z-00000000");
    copy(folder, other);
    assertThatThrownBy(
            () -> ModelStore.at(store.toString()).version(other.getFileName().toString()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "Cannot use version 20260101T000000000Z-00000000 of file://"
                + store
                + ": its manifest is that of version "
                + trained.manifest().version()
                + ". Restore it, or train the model again");

    Path first = parquet().get(0);
    Path second = parquet().get(1);
    byte[] content = Files.readAllBytes(first);
    Files.write(first, Files.readAllBytes(second));
    Files.write(second, content);
    refuses("is not what was stored, its sha256 differs");
  }

  @Test
  void noticesAManifestWithAnotherHash() throws IOException {
    Path manifest = folder.resolve("manifest.json");
    Files.writeString(
        manifest,
        Files.readString(manifest).replace("\"trainingRows\" : ", "\"trainingRows\" : 1"));

    assertThatThrownBy(this::open)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "Cannot use version "
                + trained.manifest().version()
                + " of file://"
                + store
                + ": its manifest is not what it was when it became current, its sha256 differs."
                + " Restore it, or train the model again");
  }

  @Test
  void readsNoManifestWithoutEnd() throws IOException {
    try (RandomAccessFile file =
        new RandomAccessFile(folder.resolve("manifest.json").toFile(), "rw")) {
      file.setLength(1L << 40);
    }

    assertThatThrownBy(this::open)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "Cannot read file://"
                + folder
                + "/manifest.json: it has more than 4194304 bytes, which nothing that Millrace"
                + " wrote has");
  }

  @Test
  void readsNoModelWithoutEnd() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(data().toFile(), "rw")) {
      file.setLength(1L << 40);
    }

    refuses("bytes, and at most 4294967296 are read. Train a smaller one");
  }

  @Test
  void staysInsideTheStore() throws IOException {
    for (String name : List.of("../../etc", "..", "/etc", "a/b", "C:\\models", "hdfs://evil/x")) {
      Files.writeString(store.resolve("current"), name + "\n");
      assertThatThrownBy(this::open)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "Cannot use '"
                  + name
                  + "' in file://"
                  + store
                  + "/current: expected the name of a version, and the sha256 of its manifest."
                  + " Write it with millrace models promote");
      assertThatThrownBy(() -> ModelStore.at(store.toString()).version(name))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "Cannot use the version '" + name + "' of file://" + store + ": that is no name");
    }
  }

  @Test
  void followsNoSymbolicLink() throws IOException {
    Path file = data();
    Path elsewhere = store.resolve("elsewhere");
    Files.move(file, elsewhere);
    Files.createSymbolicLink(file, elsewhere);
    refusesExactly(link(file));

    Files.delete(file);
    Files.move(elsewhere, file);
    Path linked = folder.resolve("model/stages/9_linked");
    Files.createSymbolicLink(linked, SHARED);
    refusesExactly(link(linked));

    Files.delete(store.resolve("current"));
    Files.createSymbolicLink(store.resolve("current"), Path.of("/etc/hostname"));
    assertThatThrownBy(this::open).hasMessage(link(store.resolve("current")));
  }

  @Test
  void initialisesNoClassThatIsNotAllowed() throws IOException {
    Path text = text(1);
    replace(text, "org.apache.spark.ml.feature.VectorAssembler", Gadget.class.getName());
    reseal(UnaryOperator.identity());

    refuses(
        name(text).replaceAll("^model/|/part-[^/]*$", "")
            + " names the class io.millrace.models.Gadget, which is none of Spark's stages and was"
            + " not allowed. If you trust it, allow it: allow: [io.millrace.models.Gadget]");
  }

  @Test
  void readsTheTextThatSparkWouldRead() throws IOException {
    String gadget = "{\"class\":\"io.millrace.models.Gadget\",\"uid\":\"u\"}";
    Path second = text(1).resolveSibling("part-00000");
    Files.writeString(second, gadget);
    reseal(UnaryOperator.identity());
    refuses("names the class io.millrace.models.Gadget");
    Files.delete(second);

    Path partitioned = text(1).resolveSibling("x=1").resolve("part-00000");
    Files.createDirectories(Objects.requireNonNull(partitioned.getParent()));
    Files.writeString(partitioned, gadget);
    reseal(UnaryOperator.identity());
    refuses("Spark would read it, and writes none of that name. Train the model again");
    Folders.delete(Objects.requireNonNull(partitioned.getParent()));

    String good = Files.readString(text(1));
    Files.writeString(text(1), gadget + "\r" + good);
    reseal(UnaryOperator.identity());
    refuses("is not as Spark writes it: it is no JSON. Train the model again");

    Files.writeString(
        text(1), good.replace("{\"class\"", "{\"class\":\"io.millrace.models.Gadget\",\"class\""));
    reseal(UnaryOperator.identity());
    refuses("is not as Spark writes it: it is no JSON. Train the model again");
  }

  /** Spark makes one of every type that a Parquet file says its columns have. */
  @Test
  void initialisesNoColumnTypeThatIsNotKnown() throws IOException {
    Path file = data();
    Files.delete(file);
    MessageType schema = MessageTypeParser.parseMessageType("message m { optional int32 x; }");
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new org.apache.hadoop.fs.Path(file.toUri()))
            .withType(schema)
            .withConf(new Configuration())
            .withExtraMetaData(
                Map.of(
                    "org.apache.spark.sql.parquet.row.metadata",
                    """
                    {"type":"struct","fields":[{"name":"x","nullable":true,"metadata":{},"type":
                    {"type":"udt","class":"io.millrace.models.Gadget","pyClass":null,"sqlType":"integer"}}]}\
                    """))
            .build()) {
      writer.write(new SimpleGroupFactory(schema).newGroup().append("x", 1));
    }
    reseal(UnaryOperator.identity());

    refuses(name(file).substring("model/".length()) + " names the class io.millrace.models.Gadget");
  }

  @Test
  void leavesTheFolderForNoStage() throws IOException {
    Path text = folder.resolve("model/metadata");
    try (Stream<Path> parts = Files.list(text)) {
      text =
          parts
              .filter(part -> part.getFileName().toString().startsWith("part-"))
              .findFirst()
              .orElseThrow();
    }
    String uid = Files.readString(text).replaceAll("(?s).*\"stageUids\":\\[\"([^\"]+)\".*", "$1");
    replace(text, "[\"" + uid + "\"", "[\"x/../../../../evil\"");
    reseal(UnaryOperator.identity());
    refuses("it leads to 'x/../../../../evil', outside of the model. Train the model again");
  }

  @Test
  void readsNoListOfFilesElsewhere() throws IOException {
    Path list = data().resolveSibling("_spark_metadata").resolve("0");
    Files.createDirectories(list.getParent());
    Files.writeString(list, "v1\n{\"path\":\"file:///evil/part-0\"}");
    reseal(UnaryOperator.identity());

    refuses("it can lead Spark to files outside of the model. Train the model again");
  }

  @Test
  void looksIntoStagesWithinStages() {
    PipelineModel nested =
        pipeline(
            new VectorAssembler().setInputCols(new String[] {"hour", "dwell_ms"}).setOutputCol("v"),
            new Pipeline().setStages(new PipelineStage[] {new DoublingStage("doubling")}),
            new OneVsRest()
                .setClassifier(new LogisticRegression().setMaxIter(1))
                .setFeaturesCol("v")
                .setLabelCol("label"));
    StoredModel stored = stored(nested);

    assertThatThrownBy(() -> stored.load(Sessions.spark()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith(
            "Cannot load the model at "
                + stored.path()
                + "/model: stages/1_"
                + nested.stages()[1].uid()
                + "/stages/0_doubling/metadata names the class io.millrace.models.DoublingStage, ");
    PipelineModel loaded = stored.load(Sessions.spark(), Set.of(DoublingStage.class.getName()));
    assertThat(((PipelineModel) loaded.stages()[1]).stages()[0]).isInstanceOf(DoublingStage.class);
  }

  /** Its statement may call {@code reflect}. */
  @Test
  void runsNoStatementThatIsNotAllowed() {
    StoredModel stored =
        stored(pipeline(new SQLTransformer().setStatement("select * from __THIS__")));

    assertThatThrownBy(() -> stored.load(Sessions.spark()))
        .hasMessageContaining("names the class org.apache.spark.ml.feature.SQLTransformer");
    assertThat(stored.load(Sessions.spark(), Set.of(SQLTransformer.class.getName())).stages())
        .hasSize(1);
  }

  @Test
  void refusesAModelThatScoresItsGoldenRowsOtherwise() throws IOException {
    GoldenRows golden = open().golden().orElseThrow();
    int verdict =
        golden.inputs().size()
            + golden.outputs().stream().map(Manifest.Field::name).toList().indexOf("prediction");
    Object[] values = CollectionConverters.asJava(golden.rows().get(2).toSeq()).toArray();
    double found = (double) values[verdict];
    values[verdict] = 1 - found;
    List<Row> rows = new ArrayList<>(golden.rows());
    rows.set(2, RowFactory.create(values));
    Files.write(
        folder.resolve(GoldenRows.NAME),
        new GoldenRows(golden.inputs(), golden.outputs(), rows).json());
    reseal(UnaryOperator.identity());

    refusesExactly(
        "Cannot use the model at file://"
            + folder
            + ": it does not score golden row 3 as when it was stored: prediction is "
            + found
            + ", expected "
            + (1 - found)
            + ". Use the Spark that it was trained with, or train the model again");
  }

  @Test
  void refusesStagesThatTheManifestDoesNotName() throws IOException {
    reseal(json -> json.replace("\"org.apache.spark.ml.feature.StringIndexerModel\", ", ""));

    refuses("its manifest has the stages [org.apache.spark.ml.feature.VectorAssembler, ");
  }

  @Test
  void refusesAFormatThatItDoesNotKnow() throws IOException {
    reseal(json -> json.replace("\"format\" : 2", "\"format\" : 7"));

    assertThatThrownBy(this::open)
        .hasMessage(
            "Cannot read file://"
                + folder
                + "/manifest.json: expected format 1 to 3, found 7. Use the version of Millrace"
                + " that wrote it, or train the model again");
  }

  @Test
  void loadsWhatAnOlderVersionStored() throws IOException {
    Files.delete(folder.resolve(GoldenRows.NAME));
    reseal(
        json ->
            json.replace("\"format\" : 2", "\"format\" : 1")
                .replace("\"model/", "\"")
                .replaceAll("(?s)\"stages\" : \\[.*?],\\s*", "")
                .replaceAll("\"data\" : null,\\s*", ""));

    assertThat(open().manifest().stages()).isEmpty();
    assertThat(open().load(Sessions.spark()).stages()).hasSize(3);
  }

  private StoredModel open() {
    return ModelStore.open(store.toString());
  }

  private void refuses(String part) {
    StoredModel stored = open();
    assertThatThrownBy(() -> stored.load(Sessions.spark()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("Cannot load the model at file://" + folder)
        .hasMessageContaining(part);
  }

  private void refusesExactly(String sentence) {
    StoredModel stored = open();
    assertThatThrownBy(() -> stored.load(Sessions.spark()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(sentence);
  }

  private static String link(Path path) {
    return "Cannot read file://"
        + path
        + ": it is a symbolic link, and what it leads to may change. Put there what it leads to";
  }

  private static PipelineModel pipeline(PipelineStage... stages) {
    return new Pipeline()
        .setStages(stages)
        .fit(Clicks.rows().selectExpr("hour", "dwell_ms", "cast(is_fraud as double) as label"));
  }

  private StoredModel stored(PipelineModel model) {
    return ModelStore.at(store.resolve("own").toString())
        .add(
            model,
            Map.of(),
            (version, files) -> Manifests.of(trained.manifest(), model, version, files));
  }

  /** As somebody does who can write all files: the hashes fit again. */
  private void reseal(UnaryOperator<String> change) throws IOException {
    Path file = folder.resolve("manifest.json");
    Files.delete(file);
    Manifest manifest =
        Manifests.like(
            trained.manifest(),
            trained.manifest().version(),
            Hashes.of(Storage.of(folder.toString())));
    Files.writeString(
        file, change.apply(new String(manifest.json(), java.nio.charset.StandardCharsets.UTF_8)));
    Files.writeString(store.resolve("current"), trained.manifest().version() + "\n");
  }

  private static void replace(Path file, String old, String other) throws IOException {
    String content = Files.readString(file);
    assertThat(content).contains(old);
    Files.writeString(file, content.replace(old, other), StandardOpenOption.TRUNCATE_EXISTING);
  }

  private String name(Path file) {
    return folder.relativize(file).toString();
  }

  /** The text of a stage. */
  private Path text(int stage) throws IOException {
    return files().stream()
        .filter(path -> name(path).matches("model/stages/" + stage + "_[^/]*/metadata/part-0+-.*"))
        .findFirst()
        .orElseThrow();
  }

  private Path data() throws IOException {
    return parquet().get(0);
  }

  private List<Path> parquet() throws IOException {
    return files().stream().filter(path -> path.toString().endsWith(".parquet")).toList();
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(path -> path.toFile().isFile())
          .filter(path -> !path.toString().endsWith(".crc"))
          .sorted()
          .toList();
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : (Iterable<Path>) all::iterator) {
        File target = to.resolve(from.relativize(path)).toFile();
        if (Files.isDirectory(path)) {
          Files.createDirectories(target.toPath());
        } else if (!target.getName().endsWith(".crc")) {
          Files.copy(path, target.toPath());
        }
      }
    }
  }
}
