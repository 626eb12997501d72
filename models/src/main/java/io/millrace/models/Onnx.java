package io.millrace.models;

import io.millrace.engine.spi.ModelVersions.Missing;
import io.millrace.models.onnx.Inspection;
import io.millrace.models.onnx.Signature;
import io.millrace.models.onnx.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * What the manifest of an ONNX model has beside that of a pipeline. The inputs of the manifest are
 * the columns for the places of the inputs here, one after the other; its outputs are those here,
 * by the names that steps know them by.
 *
 * @param producer what wrote the file
 * @param missing what becomes of a number that is null or NaN
 */
record Onnx(String producer, Missing missing, Signature signature) {

  OnnxFeatures features(Manifest manifest) {
    return new OnnxFeatures(names(manifest.inputs()), missing);
  }

  /**
   * Checks that a file has the inputs and outputs that are told here and in the manifest.
   *
   * @throws IllegalArgumentException with a sentence, if it has others
   */
  void check(Manifest manifest, byte[] model) {
    List<String> inputs = names(manifest.inputs());
    List<String> outputs = names(manifest.outputs());
    boolean counted =
        inputs.size() == signature.width() && outputs.size() == signature.outputs().size();
    List<String> wanted = signature.outputs().stream().map(Tensor::name).toList();
    if (!counted
        || !signature.fits(Inspection.of(model, inputs.size(), wanted))
        || !inputs(signature, inputs).equals(manifest.inputs())
        || !outputs(signature, outputs).equals(manifest.outputs())) {
      throw new IllegalArgumentException(
          "Expected inputs and outputs as its manifest has them, found others. Restore it");
    }
  }

  private static List<String> names(List<Manifest.Field> fields) {
    return fields.stream().map(Manifest.Field::name).toList();
  }

  /** The columns for the places of the inputs. */
  static List<Manifest.Field> inputs(Signature signature, List<String> names) {
    List<Manifest.Field> fields = new ArrayList<>();
    for (Tensor input : signature.inputs()) {
      for (int i = 0; i < input.size(); i++) {
        fields.add(new Manifest.Field(names.get(fields.size()), type(input.kind()), 0));
      }
    }
    return fields;
  }

  /** The outputs as steps know them. */
  static List<Manifest.Field> outputs(Signature signature, List<String> names) {
    List<Manifest.Field> fields = new ArrayList<>();
    for (Tensor output : signature.outputs()) {
      String name = names.get(fields.size());
      fields.add(
          output.size() == 1
              ? new Manifest.Field(name, type(output.kind()), 0)
              : new Manifest.Field(name, Manifest.VECTOR, output.size()));
    }
    return fields;
  }

  /** Floats are told as doubles, which hold each of them. */
  private static String type(Tensor.Kind kind) {
    return switch (kind) {
      case FLOAT, DOUBLE -> "DOUBLE";
      case INT32 -> "INT";
      case INT64 -> "BIGINT";
      case BOOLEAN -> "BOOLEAN";
      case STRING -> "STRING";
    };
  }

  /** The tensor that an output of a step is taken from. */
  Tensor tensor(Manifest manifest, Output output) {
    return signature.outputs().get(manifest.outputs().indexOf(output.field(manifest)));
  }
}
