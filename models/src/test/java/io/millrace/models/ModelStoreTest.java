package io.millrace.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.Sessions;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ModelStoreTest {
  private static final Path SHARED = Folders.temporary("shared");
  private final Path folder = Folders.temporary("store");
  private static StoredModel trained;
  private static PipelineModel pipeline;
  private ModelStore store;

  @BeforeAll
  static void train() {
    trained = Clicks.forest(SHARED);
    pipeline = trained.load(Sessions.spark());
  }

  @BeforeEach
  void open() {
    store = ModelStore.at(folder.toString());
  }

  @Test
  void makesEachNewVersionCurrent() {
    assertThat(store.current()).isEmpty();
    StoredModel first = add();
    assertThat(store.current()).contains(first.manifest().version());
    StoredModel second = add();
    assertThat(store.current()).contains(second.manifest().version());

    assertThat(second.manifest().version()).isGreaterThan(first.manifest().version());
    assertThat(ModelStore.open(folder.toString())).isEqualTo(second);
    assertThat(ModelStore.open(first.path())).isEqualTo(first);
  }

  @Test
  void keepsTheCurrentVersionUntilTheNewOneIsComplete() throws IOException {
    StoredModel first = add();
    StoredModel second = store.write(pipeline, Map.of(), ModelStoreTest::manifest);

    assertThat(ModelStore.open(folder.toString())).isEqualTo(first);
    Files.delete(folder.resolve(second.manifest().version()).resolve("manifest.json"));
    assertThatThrownBy(() -> store.promote(second.manifest().version()))
        .hasMessage(
            "Cannot use version "
                + second.manifest().version()
                + " of file://"
                + folder
                + ": it has no manifest, so it was never stored completely. Train the model again");
    assertThat(ModelStore.open(folder.toString())).isEqualTo(first);
  }

  @Test
  void leavesTheCurrentVersionWhenStoringFails() {
    StoredModel first = add();

    assertThatThrownBy(
            () ->
                store.add(
                    pipeline,
                    Map.of(),
                    (version, files) -> {
                      throw new IllegalStateException("killed here");
                    }))
        .hasMessage("killed here");
    assertThat(ModelStore.open(folder.toString())).isEqualTo(first);
  }

  @Test
  void hashesEveryFile() throws IOException {
    StoredModel stored =
        store.add(
            pipeline,
            Map.of("golden/rows.json", "[]".getBytes(StandardCharsets.UTF_8)),
            ModelStoreTest::manifest);
    List<String> names = named(folder.resolve(stored.manifest().version()));

    assertThat(names).contains("manifest.json").contains("golden/rows.json");
    assertThat(stored.manifest().files().keySet())
        .containsExactlyInAnyOrderElementsOf(
            names.stream().filter(name -> !name.equals("manifest.json")).toList())
        .anyMatch(name -> name.startsWith("model/metadata/part-"))
        .anyMatch(name -> name.startsWith("model/stages/"));
    assertThat(stored.manifest().files().values()).allMatch(hash -> hash.matches("[0-9a-f]{64}"));
    assertThat(stored.load(Sessions.spark()).stages()).hasSameSizeAs(pipeline.stages());
  }

  @Test
  void namesAFileThatWasChanged() throws IOException {
    StoredModel stored = add();
    String name = stored.manifest().files().keySet().iterator().next();
    Files.writeString(file(stored, name), " ", StandardOpenOption.APPEND);

    refuses(stored, name + " is not what was stored, its sha256 differs");
  }

  @Test
  void namesAFileThatIsMissing() throws IOException {
    StoredModel stored = add();
    String name = stored.manifest().files().keySet().iterator().next();
    Files.delete(file(stored, name));

    refuses(stored, name + " is missing");
  }

  @Test
  void namesAFileThatWasAdded() throws IOException {
    StoredModel stored = add();
    Files.writeString(file(stored, "model/metadata/part-00009"), "{}");

    refuses(stored, "model/metadata/part-00009 was added after it was stored");
  }

  @Test
  void staysInsideTheStore() throws IOException {
    add();
    Files.writeString(folder.resolve("current"), "../" + SHARED.getFileName() + "\n");

    assertThatThrownBy(() -> ModelStore.open(folder.toString()))
        .hasMessage(
            "Cannot use '../"
                + SHARED.getFileName()
                + "' in file://"
                + folder
                + "/current: expected the name of a version, and the sha256 of its manifest. Write it"
                + " with millrace models promote");
  }

  @Test
  void refusesAManifestThatItCannotRead() throws IOException {
    Path manifest = Path.of(add().path().substring("file://".length())).resolve("manifest.json");
    Files.writeString(manifest, "{\"format\": 3}");
    assertThatThrownBy(() -> ModelStore.open(folder.toString()))
        .hasMessage(
            "Cannot read file://"
                + manifest
                + ": expected format 1 to 2, found 3. Use the version of Millrace that wrote it, or"
                + " train the model again");
    Files.writeString(manifest, "{\"format\"");
    assertThatThrownBy(() -> ModelStore.open(folder.toString()))
        .hasMessage(
            "Cannot read file://" + manifest + ": it is no manifest. Train the model again");
  }

  /** A file system of Hadoop's that is not the local one, mounted on a local folder. */
  @Test
  void worksOnAnyFileSystemOfHadoop() {
    Configuration hadoop = Sessions.spark().sparkContext().hadoopConfiguration();
    hadoop.set("fs.viewfs.mounttable.models.link./store", folder.toUri().toString());
    ModelStore mounted = ModelStore.at("viewfs://models/store");
    StoredModel first = mounted.add(pipeline, Map.of(), ModelStoreTest::manifest);
    StoredModel second = mounted.add(pipeline, Map.of(), ModelStoreTest::manifest);

    assertThat(ModelStore.open("viewfs://models/store")).isEqualTo(second);
    assertThat(second.load(Sessions.spark()).stages()).hasSameSizeAs(pipeline.stages());
    assertThat(ModelStore.open(folder.toString()).manifest())
        .as("the same files seen locally")
        .isEqualTo(second.manifest())
        .isNotEqualTo(first.manifest());
    assertThat(ModelStore.open(folder.toString()).load(Sessions.spark()).stages())
        .hasSameSizeAs(pipeline.stages());
  }

  @Test
  void tellsAModelWithoutStartingSpark() throws Exception {
    Path log = folder.resolve("classes.log");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xlog:class+load:file=" + log,
                "-cp",
                System.getProperty("java.class.path"),
                Lint.class.getName(),
                SHARED.toString()));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("output").toFile())
            .start();

    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(folder.resolve("output")))
        .contains("struct<hour:int,device:string,dwell_ms:bigint,fraud:double>");
    assertThat(process.exitValue()).isZero();
    try (Stream<String> classes = Files.lines(log)) {
      assertThat(classes)
          .isNotEmpty()
          .noneMatch(line -> line.contains(" org.apache.spark.SparkContext "))
          .noneMatch(line -> line.contains(" org.apache.hadoop.fs.FileSystem "));
    }
  }

  /** What lint does with a score step. */
  static final class Lint {
    private Lint() {}

    public static void main(String[] arguments) {
      ScoreStep step =
          new ScoreStep(
              new ScoreStep.Settings(
                  arguments[0],
                  Map.of("fraud", "probability[1]"),
                  ScoreStep.Reload.NEVER,
                  Map.of(),
                  Optional.empty()));
      StructType rows =
          new StructType()
              .add("hour", DataTypes.IntegerType)
              .add("device", DataTypes.StringType)
              .add("dwell_ms", DataTypes.LongType);
      System.out.println(step.schema(rows).orElseThrow().catalogString());
    }
  }

  private StoredModel add() {
    return store.add(pipeline, Map.of(), ModelStoreTest::manifest);
  }

  private static Manifest manifest(String version, Map<String, String> files) {
    Manifest like = trained.manifest();
    return new Manifest(
        like.format(),
        like.model(),
        version,
        like.created(),
        like.spark(),
        like.data(),
        like.task(),
        like.label(),
        like.inputs(),
        like.outputs(),
        like.stages(),
        like.trainingRows(),
        like.heldOutRows(),
        like.incompleteRows(),
        like.metrics(),
        files);
  }

  private static void refuses(StoredModel stored, String what) {
    assertThatThrownBy(() -> stored.load(Sessions.spark()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "Cannot load the model at "
                + stored.path()
                + ": the file "
                + what
                + ". Restore it, or train the model again");
  }

  private Path file(StoredModel stored, String name) {
    return folder.resolve(stored.manifest().version()).resolve(name);
  }

  private static List<String> named(Path files) throws IOException {
    try (Stream<Path> all = Files.walk(files)) {
      return all.map(Path::toFile)
          .filter(File::isFile)
          .filter(file -> !file.getName().endsWith(".crc"))
          .map(file -> files.relativize(file.toPath()).toString())
          .toList();
    }
  }
}
