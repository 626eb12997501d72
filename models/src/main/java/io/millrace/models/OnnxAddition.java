package io.millrace.models;

import io.millrace.engine.spi.ModelVersions.Foreign;
import io.millrace.models.compiled.RowFault;
import io.millrace.models.onnx.Inspection;
import io.millrace.models.onnx.OnnxFile;
import io.millrace.models.onnx.OnnxLibrary;
import io.millrace.models.onnx.Signature;
import io.millrace.models.onnx.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.spark.package$;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** An ONNX model that is to be a version in a store. */
record OnnxAddition(ModelStore store, Foreign foreign) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  /**
   * Stores it, once ONNX Runtime has opened it and scored the rows that came with it. The current
   * version stays as it is.
   *
   * @throws IllegalArgumentException with a sentence, if it cannot be used
   */
  StoredModel stored() {
    OnnxLibrary.check();
    byte[] model = model();
    OnnxFile file = OnnxFile.of(model);
    Signature told =
        Inspection.of(model, foreign.columns().size(), List.copyOf(outputNames().values()));
    List<Manifest.Field> inputs = inputs(told);
    OnnxFeatures features =
        new OnnxFeatures(inputs.stream().map(Manifest.Field::name).toList(), foreign.missing());
    Optional<OnnxSamples> samples = foreign.golden().map(OnnxSamples::of);
    Signature signature = sized(told, features, model, first(samples, inputs));
    List<Manifest.Field> outputs = outputs(signature);
    List<Manifest.Field> own = Onnx.outputs(signature, names(signature.outputs()));
    Map<String, byte[]> files = new TreeMap<>(Map.of(ModelStore.ONNX, model));
    try (OnnxTrial trial = new OnnxTrial(signature, features, model)) {
      samples.ifPresent(
          rows -> files.put(GoldenRows.NAME, rows.golden(trial, inputs, own, outputs).json()));
    }
    Onnx onnx = new Onnx(file.producer(), foreign.missing(), signature);
    return store.write(
        files,
        (version, hashes) -> manifest(version, inputs, outputs, file.operators(), hashes, onnx));
  }

  private Manifest manifest(
      String version,
      List<Manifest.Field> inputs,
      List<Manifest.Field> outputs,
      List<String> operators,
      Map<String, String> hashes,
      Onnx onnx) {
    return new Manifest(
        Manifest.ONNX,
        foreign.name().orElseGet(this::folder),
        version,
        Instant.now().toString(),
        package$.MODULE$.SPARK_VERSION(),
        null,
        task(outputs),
        null,
        inputs,
        outputs,
        operators,
        0,
        0,
        0,
        Map.of(),
        hashes,
        onnx);
  }

  /** The name of the store's folder. */
  private String folder() {
    String uri = store.uri().replaceAll("/+$", "");
    return uri.substring(uri.lastIndexOf('/') + 1);
  }

  /** A model whose outputs have a whole number or a text among them tells classes. */
  private static Task task(List<Manifest.Field> outputs) {
    boolean classes =
        outputs.stream()
            .map(Manifest.Field::type)
            .anyMatch(type -> !type.equals(Manifest.VECTOR) && !type.equals("DOUBLE"));
    return classes ? Task.CLASSIFICATION : Task.REGRESSION;
  }

  private byte[] model() {
    Path file = foreign.file();
    try {
      if (!Files.isRegularFile(file)) {
        throw new IllegalArgumentException("Cannot find the model " + file);
      }
      if (Files.size(file) > OnnxFile.MOST) {
        throw new IllegalArgumentException(
            "Cannot use "
                + file
                + " of "
                + Files.size(file)
                + " bytes: at most "
                + OnnxFile.MOST
                + " are read. Export a smaller model");
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + file, e);
    }
  }

  private List<Manifest.Field> inputs(Signature signature) {
    List<String> names =
        foreign.columns().isEmpty() ? names(signature.inputs()) : foreign.columns();
    if (names.size() != signature.width()) {
      throw new IllegalArgumentException(
          "Expected "
              + signature.width()
              + " columns for the inputs "
              + told(signature.inputs())
              + ", found "
              + String.join(", ", names)
              + ". Name them in order with --columns");
    }
    Set<String> known = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    for (String name : names) {
      if (!known.add(name)) {
        throw new IllegalArgumentException("Cannot name two columns " + name);
      }
    }
    return Onnx.inputs(signature, names);
  }

  private static List<String> names(List<Tensor> tensors) {
    return tensors.stream().map(Tensor::name).toList();
  }

  private static String told(List<Tensor> tensors) {
    return String.join(
        ", ", tensors.stream().map(tensor -> tensor.name() + "[" + tensor.size() + "]").toList());
  }

  /** The model's outputs under the names for steps. */
  private Map<String, String> outputNames() {
    Set<String> seen = new TreeSet<>();
    for (Map.Entry<String, String> output : foreign.outputs().entrySet()) {
      if (!seen.add(output.getValue())) {
        throw new IllegalArgumentException(
            "Cannot give two names to the output " + output.getValue());
      }
    }
    return foreign.outputs();
  }

  private List<Manifest.Field> outputs(Signature signature) {
    List<String> names =
        foreign.outputs().isEmpty()
            ? names(signature.outputs())
            : List.copyOf(foreign.outputs().keySet());
    for (int i = 0; i < names.size(); i++) {
      checkOutput(names.get(i), signature.outputs().get(i));
    }
    return Onnx.outputs(signature, names);
  }

  private static void checkOutput(String name, Tensor output) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "Cannot name an output '"
              + name
              + "': expected letters, digits and underscores. Choose a name with --output"
              + " prediction="
              + output.name());
    }
    if (output.size() != 1 && !output.kind().floating()) {
      throw new IllegalArgumentException(
          "Cannot use the output "
              + output.name()
              + ", which has "
              + output.size()
              + " values for a row that are no floats. Name the others with --output");
    }
  }

  /** The signature with the sizes of all outputs, which a row tells where the model does not. */
  private static Signature sized(Signature told, OnnxFeatures features, byte[] model, Row row) {
    if (told.outputs().stream().allMatch(output -> output.size() != Inspection.UNKNOWN)) {
      return told;
    }
    try (OnnxTrial trial = new OnnxTrial(told, features, model)) {
      int[] sizes = trial.sizes(row);
      List<Tensor> outputs = new ArrayList<>();
      for (int i = 0; i < sizes.length; i++) {
        Tensor output = told.outputs().get(i);
        outputs.add(output.withSize(sizes[i]));
      }
      return new Signature(told.inputs(), outputs);
    } catch (RowFault fault) {
      throw new IllegalArgumentException(
          "Cannot tell how many values the outputs have: "
              + fault.reason()
              + ". Give a row that the model can take with --golden",
          fault);
    }
  }

  /** The first of the rows, or one of zeros and empty texts. */
  private static Row first(Optional<OnnxSamples> samples, List<Manifest.Field> inputs) {
    if (samples.isPresent() && !samples.get().lines().isEmpty()) {
      return samples.get().inputs(0, inputs);
    }
    return RowFactory.create(inputs.stream().map(OnnxAddition::nothing).toArray());
  }

  private static Object nothing(Manifest.Field field) {
    return switch (field.type()) {
      case "DOUBLE" -> 0.0;
      case "INT" -> 0;
      case "BIGINT" -> 0L;
      case "BOOLEAN" -> false;
      default -> "";
    };
  }
}
