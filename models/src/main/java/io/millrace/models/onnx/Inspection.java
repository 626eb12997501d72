package io.millrace.models.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import ai.onnxruntime.ValueInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** What ONNX Runtime says that a model takes and gives. */
public final class Inspection {
  /** The size of an output that the model does not tell. */
  public static final int UNKNOWN = 0;

  private Inspection() {}

  /**
   * The inputs and outputs of a model for tables: each has one value, or several, of every row.
   *
   * @param columns how many values a row has for a model with one input that does not tell; 0 where
   *     nobody said
   * @param wanted the names of the outputs; all if none is named
   * @throws IllegalArgumentException with a sentence, if it is no model, or not one for tables
   */
  public static Signature of(byte[] model, int columns, List<String> wanted) {
    try (OrtSession session = OnnxRuntime.open(model)) {
      List<Tensor> inputs = new ArrayList<>();
      for (NodeInfo input : session.getInputInfo().values()) {
        inputs.add(input(input, columns));
      }
      return new Signature(inputs, outputs(session.getOutputInfo(), wanted));
    } catch (OrtException e) {
      throw new IllegalArgumentException(
          "Cannot use the model: ONNX Runtime refuses it: " + OnnxRuntime.clause(e), e);
    }
  }

  private static Tensor input(NodeInfo input, int columns) {
    TensorInfo info = tensor(input);
    long[] shape = info.getShape();
    boolean row = (shape.length == 1 || shape.length == 2) && (shape[0] == -1 || shape[0] == 1);
    if (!row) {
      throw new IllegalArgumentException(
          "Cannot feed the input "
              + input.getName()
              + " of shape "
              + Arrays.toString(shape)
              + ": expected [rows] or [rows, columns], with any number of rows. Export it so");
    }
    long size = shape.length == 1 ? 1 : shape[1];
    if (size < 1 && columns == 0) {
      throw new IllegalArgumentException(
          "Cannot tell how many columns the input "
              + input.getName()
              + " has. Name them in order with --columns");
    }
    return new Tensor(
        input.getName(),
        kind(input, info.type),
        shape.length,
        size < 1 ? columns : Math.toIntExact(size));
  }

  private static List<Tensor> outputs(Map<String, NodeInfo> all, List<String> wanted) {
    List<Tensor> outputs = new ArrayList<>();
    for (String name : wanted.isEmpty() ? all.keySet() : wanted) {
      NodeInfo output = all.get(name);
      if (output == null) {
        throw new IllegalArgumentException(
            "Unknown output " + name + ". The model gives " + String.join(", ", all.keySet()));
      }
      outputs.add(output(output));
    }
    return outputs;
  }

  private static Tensor output(NodeInfo output) {
    TensorInfo info = tensor(output);
    long[] shape = info.getShape();
    long size = shape.length == 0 ? UNKNOWN : 1;
    for (int i = 1; i < shape.length; i++) {
      size = shape[i] < 1 ? UNKNOWN : size * shape[i];
    }
    return new Tensor(
        output.getName(), kind(output, info.type), shape.length, Math.toIntExact(size));
  }

  private static TensorInfo tensor(NodeInfo node) {
    ValueInfo info = node.getInfo();
    if (info instanceof TensorInfo tensor) {
      return tensor;
    }
    throw new IllegalArgumentException(
        "Cannot use "
            + node.getName()
            + " of the model, which is a sequence or a map and no tensor. Export a classifier of"
            + " scikit-learn with options={'zipmap': False}");
  }

  private static Tensor.Kind kind(NodeInfo node, OnnxJavaType type) {
    return switch (type) {
      case FLOAT -> Tensor.Kind.FLOAT;
      case DOUBLE -> Tensor.Kind.DOUBLE;
      case INT32 -> Tensor.Kind.INT32;
      case INT64 -> Tensor.Kind.INT64;
      case BOOL -> Tensor.Kind.BOOLEAN;
      case STRING -> Tensor.Kind.STRING;
      case INT8, INT16, UINT8, FLOAT16, BFLOAT16, UNKNOWN ->
          throw new IllegalArgumentException(
              "Cannot use "
                  + node.getName()
                  + " of the model, which is a tensor of "
                  + type
                  + ". Expected float, double, int32, int64, bool or string");
    };
  }
}
