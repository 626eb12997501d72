package io.millrace.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.ModelVersions;
import io.millrace.engine.spi.ModelVersions.Missing;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.Sessions;
import io.millrace.models.onnx.OnnxGraph;
import io.millrace.models.onnx.OnnxModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** ONNX models on their way into a store, and out of it. */
class OnnxAdditionTest {
  private static final List<String> COLUMNS = List.of("hour", "dwell_ms");

  private final Path home = Folders.temporary("onnx");
  private final ModelStore store = ModelStore.at(home.resolve("clicks").toString());

  @Test
  void storesAModelWithItsColumnsAndOutputs() throws IOException {
    StoredModel stored = add(OnnxModels.trees(), COLUMNS, Map.of(), "");

    Manifest manifest = stored.manifest();
    assertThat(manifest.format()).isEqualTo(3);
    assertThat(manifest.model()).isEqualTo("clicks");
    assertThat(manifest.task()).isEqualTo(Task.CLASSIFICATION);
    assertThat(manifest.inputs())
        .containsExactly(
            new Manifest.Field("hour", "DOUBLE", 0), new Manifest.Field("dwell_ms", "DOUBLE", 0));
    assertThat(manifest.outputs())
        .containsExactly(
            new Manifest.Field("label", "BIGINT", 0),
            new Manifest.Field("probabilities", "vector", 2));
    assertThat(manifest.stages())
        .containsExactly("ai.onnx.ml.TreeEnsembleClassifier", "ai.onnx.ArgMax");
    assertThat(manifest.files()).containsOnlyKeys("model.onnx");
    assertThat(stored.onnx()).isEqualTo(OnnxModels.trees());
    assertThat(store.current()).as("it is not in use").isEmpty();
    assertThatThrownBy(() -> stored.load(Sessions.spark()))
        .hasMessage(
            "Cannot load the model at "
                + stored.path()
                + " as a pipeline of Spark's: it is an ONNX model. Score by it in a job");
  }

  @Test
  void takesTheNamesOfInputsAsColumnsAndNamesOutputs() throws IOException {
    Map<String, String> outputs = new LinkedHashMap<>();
    outputs.put("part_of_day", "shift");
    outputs.put("fraud", "score");

    Manifest manifest = add(OnnxModels.columns(), List.of(), outputs, "").manifest();
    assertThat(manifest.inputs())
        .containsExactly(
            new Manifest.Field("device", "STRING", 0),
            new Manifest.Field("hour", "BIGINT", 0),
            new Manifest.Field("dwell_ms", "DOUBLE", 0));
    assertThat(manifest.outputs())
        .containsExactly(
            new Manifest.Field("part_of_day", "STRING", 0),
            new Manifest.Field("fraud", "DOUBLE", 0));
  }

  @Test
  void asksTheModelWhatItDoesNotTell() throws IOException {
    assertThat(add(OnnxModels.vague(), List.of("a", "b", "c"), Map.of(), "").manifest().outputs())
        .containsExactly(new Manifest.Field("negative", "vector", 3));
  }

  @Test
  void keepsWhatItMakesOfGoldenRows() throws IOException {
    StoredModel stored =
        add(
            OnnxModels.trees(),
            COLUMNS,
            Map.of(),
            """
            {"hour": 3, "dwell_ms": 120, "other": "x"}

            {"hour": 15, "dwell_ms": 900.5, "expected": {"label": 1, "probabilities": [0.450001, 0.549999]}}
            """);

    List<Row> rows = stored.golden().orElseThrow().rows();
    assertThat(rows).hasSize(2);
    assertThat(rows.get(1).getDouble(1)).isEqualTo(900.5);
    assertThat(rows.get(1).getLong(2)).isEqualTo(1);
    assertThat(rows.get(1).<Vector>getAs(3).apply(1)).isEqualTo((double) (0.35f + 0.2f));
    assertThat(stored.onnx()).isNotEmpty();
  }

  @Test
  void refusesAModelThatDoesNotScoreGoldenRowsAsWhereItWasTrained() {
    refused(
        "{\"hour\": 15, \"dwell_ms\": 900, \"expected\": {\"probabilities\": [0.4, 0.6]}}",
        "probabilities is "
            + Vectors.dense(OnnxModels.trees(15, 900))
            + ", expected [0.4,0.6] where the model was trained");
    refused("{\"hour\": 15}", "Missing dwell_ms");
    refused(
        "{\"hour\": 15, \"dwell_ms\": null}", "Cannot score a row whose feature dwell_ms is null");
    refused("{\"hour\": \"late\", \"dwell_ms\": 1}", "Expected DOUBLE for hour, found \"late\"");
    refused(
        "{\"hour\": 15, \"dwell_ms\": 1, \"expected\": {\"score\": 1}}",
        "Unknown output score. The model gives label, probabilities");
  }

  private void refused(String line, String message) {
    assertThatThrownBy(() -> add(OnnxModels.trees(), COLUMNS, Map.of(), line))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot take row 1 of " + home.resolve("golden.jsonl") + ": " + message);
    assertThat(store.versions()).as("nothing was stored").isEmpty();
  }

  @Test
  void refusesWhatNobodyCouldScoreBy() {
    refused(
        OnnxModels.trees(),
        List.of(),
        Map.of(),
        "Expected 2 columns for the inputs float_input[2], found float_input. Name them in order"
            + " with --columns");
    refused(OnnxModels.trees(), List.of("hour", "Hour"), Map.of(), "Cannot name two columns Hour");
    refused(
        OnnxModels.trees(),
        COLUMNS,
        Map.of("p[1]", "label"),
        "Cannot name an output 'p[1]': expected letters, digits and underscores. Choose a name"
            + " with --output prediction=label");
    refused(
        OnnxModels.trees(),
        COLUMNS,
        Map.of("a", "label", "b", "label"),
        "Cannot give two names to the output label");
    refused(
        new OnnxGraph().external("w", new long[] {1}, "/etc/passwd").bytes(),
        COLUMNS,
        Map.of(),
        "Cannot use a model with data in other files: it could read any file. Save it as one file,"
            + " as onnx.save_model does with save_as_external_data=False");
  }

  private void refused(
      byte[] model, List<String> columns, Map<String, String> outputs, String message) {
    assertThatThrownBy(() -> add(model, columns, outputs, ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void refusesFilesThatWereExchanged() throws IOException {
    StoredModel stored =
        add(OnnxModels.logistic(0), COLUMNS, Map.of(), "{\"hour\": 3, \"dwell_ms\": 120}");
    Path file = Path.of(stored.path().substring("file://".length())).resolve("model.onnx");

    Files.write(file, OnnxModels.logistic(1));
    assertThatThrownBy(stored::onnx)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "Cannot load the model at "
                + stored.path()
                + ": the file model.onnx is not what was stored, its sha256 differs. Restore it,"
                + " or train the model again");
    Files.delete(file);
    assertThatThrownBy(stored::onnx).hasMessageContaining(": the file model.onnx is missing.");
  }

  /** Whoever may write the whole folder. */
  @Test
  void refusesModelsThatWereExchangedWithTheirHashes() throws IOException {
    StoredModel stored =
        add(OnnxModels.logistic(0), COLUMNS, Map.of(), "{\"hour\": 3, \"dwell_ms\": 120}");

    StoredModel other = exchanged(stored, OnnxModels.logistic(1));
    assertThatThrownBy(other::onnx)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageMatching(
            "Cannot use the model at \\S+: it does not score golden row 1 as when it was stored:"
                + " probability is 0\\.\\d+, expected 0\\.\\d+\\. Use the ONNX Runtime that it was"
                + " stored with, or add the model again");
    StoredModel reaching =
        exchanged(stored, new OnnxGraph().external("w", new long[] {1}, "/etc/passwd").bytes());
    assertThatThrownBy(reaching::onnx)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(": Cannot use a model with data in other files: it could read any");
    StoredModel trees = exchanged(stored, OnnxModels.trees());
    assertThatThrownBy(trees::onnx)
        .hasMessageContaining(
            ": its manifest has the stages [ai.onnx.MatMul, ai.onnx.Add, ai.onnx.Sigmoid], and its"
                + " files have [ai.onnx.ml.TreeEnsembleClassifier, ai.onnx.ArgMax].");
  }

  /** What the manifest says of inputs and outputs decides what rows are put where. */
  @Test
  void refusesAManifestThatSaysSomethingElseThanTheModel() throws IOException {
    for (String[] change :
        new String[][] {
          {"\"size\" : 2", "\"size\" : 3"},
          {"\"kind\" : \"INT64\"", "\"kind\" : \"FLOAT\""},
          {"\"type\" : \"DOUBLE\"", "\"type\" : \"STRING\""},
          {"\"type\" : \"vector\"", "\"type\" : \"DOUBLE\""},
          {"\"rank\" : 2", "\"rank\" : 1"}
        }) {
      StoredModel stored = add(OnnxModels.trees(), COLUMNS, Map.of(), "");
      Path manifest = Path.of(stored.path().substring("file://".length())).resolve("manifest.json");
      String json = Files.readString(manifest);
      assertThat(json).contains(change[0]);
      Files.writeString(manifest, json.replace(change[0], change[1]));
      StoredModel changed = store.version(stored.manifest().version());

      assertThatThrownBy(changed::onnx)
          .as(change[1])
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "Cannot load the model at "
                  + stored.path()
                  + ": Expected inputs and outputs as its manifest has them, found others. Restore"
                  + " it, or add the model again");
    }
  }

  private static StoredModel exchanged(StoredModel stored, byte[] model) throws IOException {
    Path folder = Path.of(stored.path().substring("file://".length()));
    Files.write(folder.resolve("model.onnx"), model);
    Manifest was = stored.manifest();
    String json =
        Files.readString(folder.resolve("manifest.json"))
            .replace(Objects.requireNonNull(was.files().get("model.onnx")), Hashes.of(model));
    Path copy = Folders.temporary("exchanged");
    for (String name : was.files().keySet()) {
      Files.copy(folder.resolve(name), copy.resolve(name));
    }
    Files.writeString(copy.resolve("manifest.json"), json);
    return ModelStore.open(copy.toString());
  }

  @Test
  void tellsVersionsToTheCommandLine() throws IOException {
    StoredVersions versions = new StoredVersions(store);
    Path file = Files.write(home.resolve("trees.onnx"), OnnxModels.trees());
    ModelVersions.Version added =
        versions.add(
            new ModelVersions.Foreign(
                file, Optional.of("fraud"), COLUMNS, Map.of(), Missing.NAN, Optional.empty()));

    assertThat(added.model()).isEqualTo("fraud");
    assertThat(added.outputs())
        .containsExactly(
            new ModelVersions.Column("label", "bigint"),
            new ModelVersions.Column("probabilities", "vector of 2"));
    List<ModelVersions.Stage> stages = versions.stages(added.name());
    assertThat(stages)
        .extracting(ModelVersions.Stage::className)
        .containsExactly("model.onnx", "ai.onnx.ml.TreeEnsembleClassifier", "ai.onnx.ArgMax");
    assertThat(stages.get(0).params())
        .containsEntry("producer", "by hand 1.0")
        .containsEntry("missing", "nan")
        .containsEntry("sha256", Hashes.of(OnnxModels.trees()));
    assertThat(versions.inUse()).isEmpty();
    versions.promote(added.name());
    assertThat(versions.inUse()).containsExactly(added.name());
  }

  private StoredModel add(
      byte[] model, List<String> columns, Map<String, String> outputs, String golden)
      throws IOException {
    Path file = Files.write(home.resolve("model.onnx"), model);
    Optional<Path> rows =
        golden.isEmpty()
            ? Optional.empty()
            : Optional.of(Files.writeString(home.resolve("golden.jsonl"), golden));
    return new OnnxAddition(
            store,
            new ModelVersions.Foreign(
                file, Optional.empty(), columns, outputs, Missing.REFUSED, rows))
        .stored();
  }
}
