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
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ModelStoreTest {
  private static final Path SHARED = Clicks.store();
  private final Path folder = Folders.temporary("store");
  private static StoredModel trained;
  private static PipelineModel pipeline;
  private ModelStore store;

  @BeforeAll
  static void train() {
    trained = Clicks.forest();
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
  void goesBackVersionByVersion() {
    List<String> names = Stream.generate(this::add).limit(3).map(ModelStoreTest::name).toList();
    assertThat(store.inUse()).containsExactly(names.get(2), names.get(1), names.get(0));

    assertThat(name(store.rollback())).isEqualTo(names.get(1));
    assertThat(name(store.promote(names.get(2)))).isEqualTo(names.get(2));
    assertThat(name(store.promote(names.get(2)))).as("twice is once").isEqualTo(names.get(2));
    assertThat(name(store.rollback())).isEqualTo(names.get(1));
    assertThat(name(store.rollback())).isEqualTo(names.get(0));
    assertThat(store.current()).contains(names.get(0));
    assertThatThrownBy(store::rollback)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot go back in file://"
                + folder
                + ": no version was current before "
                + names.get(0)
                + ". Choose one with millrace models promote");
    assertThat(store.versions()).isEqualTo(names);
  }

  @Test
  void goesBackToNothingThatHasChanged() throws IOException {
    StoredModel first = add();
    StoredModel second = add();
    String name = first.manifest().files().keySet().iterator().next();
    Files.delete(folder.resolve(name(first)).resolve(name));

    assertThatThrownBy(store::rollback)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("the file " + name + " is missing");
    assertThat(store.current()).contains(name(second));
  }

  @Test
  void followsACurrentThatAHandOrAnOlderVersionWrote() throws IOException {
    StoredModel first = add();
    add();
    Files.writeString(folder.resolve("current"), name(first) + "\n");

    assertThat(ModelStore.open(folder.toString())).isEqualTo(first);
    assertThat(store.inUse()).containsExactly(name(first));
  }

  @Test
  void listsVersionsThatAreNotComplete() throws IOException {
    StoredModel first = add();
    Files.createDirectories(folder.resolve("20990101T000000000Z-00000000/model"));
    Files.createDirectories(folder.resolve(".hidden"));
    Files.createDirectories(folder.resolve("notes"));

    assertThat(store.versions()).containsExactly(name(first), "20990101T000000000Z-00000000");
    assertThat(store.complete(name(first))).isTrue();
    assertThat(store.complete("20990101T000000000Z-00000000")).isFalse();
    assertThat(store.current()).contains(name(first));
  }

  @Test
  void letsManyStoreAtOnce() throws Exception {
    ExecutorService writers = Executors.newFixedThreadPool(4);
    try {
      List<Future<StoredModel>> stored =
          writers.invokeAll(Collections.nCopies(4, (Callable<StoredModel>) this::add));
      List<String> names = new ArrayList<>();
      for (Future<StoredModel> each : stored) {
        each.get().verify();
        names.add(name(each.get()));
      }
      assertThat(store.versions())
          .containsExactlyInAnyOrderElementsOf(names)
          .doesNotHaveDuplicates();
      assertThat(store.current().orElseThrow()).isIn(names);
      assertThat(store.inUse()).doesNotHaveDuplicates();
    } finally {
      writers.shutdownNow();
    }
  }

  @Test
  void refusesAManifestThatItCannotRead() throws IOException {
    Path manifest = Path.of(add().path().substring("file://".length())).resolve("manifest.json");
    Files.writeString(manifest, "{\"format\": 4}");
    assertThatThrownBy(() -> ModelStore.open(folder.toString()))
        .hasMessage(
            "Cannot read file://"
                + manifest
                + ": expected format 1 to 3, found 4. Use the version of Millrace that wrote it, or"
                + " train the model again");
    Files.writeString(manifest, "{\"format\"");
    assertThatThrownBy(() -> ModelStore.open(folder.toString()))
        .hasMessage(
            "Cannot read file://" + manifest + ": it is no manifest. Train the model again");
  }

  @Test
  void worksOnAnyFileSystemOfHadoop() throws IOException {
    String place = "memory://files/models/clicks";
    MemoryFiles.register(Sessions.spark().sparkContext().hadoopConfiguration());
    ModelStore remote = ModelStore.at(place);
    assertThat(remote.versions()).isEmpty();
    assertThat(remote.current()).isEmpty();
    Map<String, byte[]> extras = Map.of("plots/roc.png", new byte[] {1, 2});
    StoredModel first = remote.add(pipeline, extras, ModelStoreTest::manifest);
    StoredModel second = remote.add(pipeline, Map.of(), ModelStoreTest::manifest);

    assertThat(ModelStore.open(place)).isEqualTo(second);
    assertThat(remote.versions()).containsExactly(name(first), name(second));
    assertThat(first.manifest().files()).containsKey("plots/roc.png");
    assertThat(first.load(Sessions.spark()).stages()).hasSameSizeAs(pipeline.stages());
    Path copy = folder.resolve(name(second));
    copyToLocal(second.path(), copy);
    assertThat(ModelStore.open(copy.toString()).load(Sessions.spark()).stages())
        .as("the same files elsewhere")
        .hasSameSizeAs(pipeline.stages());
  }

  @Test
  void readsHadoopsSettingsWithoutASession() throws IOException {
    Files.writeString(
        folder.resolve("core-site.xml"),
        "<configuration><property><name>fs.s3a.endpoint</name><value>http://store:9000</value>"
            + "</property></configuration>");

    assertThat(HadoopStorage.configuration(folder.toString()).get("fs.s3a.endpoint"))
        .isEqualTo("http://store:9000");
  }

  /** Renaming over a file deletes it first there, and then the connection breaks. */
  @Test
  void keepsTheCurrentVersionWhenMovingItFailsHalfWay() {
    String place = "memory://files/models/halfway";
    MemoryFiles.register(Sessions.spark().sparkContext().hadoopConfiguration());
    ModelStore remote = ModelStore.at(place);
    StoredModel first = remote.add(pipeline, Map.of(), ModelStoreTest::manifest);
    StoredModel second = remote.write(pipeline, Map.of(), ModelStoreTest::manifest);

    for (int attempt = 0; attempt < 2; attempt++) {
      MemoryFiles.breakRenames(1);
      assertThatThrownBy(() -> remote.promote(name(second)))
          .hasMessage("Cannot make " + name(second) + " current in " + place)
          .hasRootCauseMessage("The connection to the store is gone");
      assertThat(ModelStore.open(place)).isEqualTo(first);
    }
    remote.promote(name(second));
    assertThat(remote.inUse()).containsExactly(name(second), name(first));
    assertThat(ModelStore.open(place)).isEqualTo(second);
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
                  Optional.empty(),
                  Optional.empty(),
                  Optional.empty(),
                  Optional.empty(),
                  List.of()));
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

  private static String name(StoredModel stored) {
    return stored.manifest().version();
  }

  private static Manifest manifest(String version, Map<String, String> files) {
    return Manifests.like(trained.manifest(), version, files);
  }

  private static void copyToLocal(String from, Path to) throws IOException {
    Storage files = Storage.of(from);
    for (String name : files.files().keySet()) {
      Path file = to.resolve(name);
      Files.createDirectories(file.getParent());
      Files.write(file, files.read(name, 1 << 20));
    }
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
