package io.millrace.models;

import io.millrace.engine.spi.ModelVersions.Missing;
import io.millrace.models.onnx.Signature;
import io.millrace.models.onnx.Tensor;

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
    return new OnnxFeatures(
        manifest.inputs().stream().map(Manifest.Field::name).toList(), missing);
  }

  /** The tensor that an output of a step is taken from. */
  Tensor tensor(Manifest manifest, Output output) {
    return signature.outputs().get(manifest.outputs().indexOf(output.field(manifest)));
  }
}
