package io.millrace.models.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import java.nio.FloatBuffer;

/** What lies in a tensor, as Java has it. */
final class Values {
  private Values() {}

  /** The one value of an output, or all of several. */
  static Object of(Tensor output, OnnxTensor tensor) throws OrtException {
    return switch (output.kind()) {
      case FLOAT -> floats(output.size(), tensor.getFloatBuffer());
      case DOUBLE -> {
        double[] values = new double[output.size()];
        tensor.getDoubleBuffer().get(values);
        yield output.size() == 1 ? (Object) values[0] : values;
      }
      case INT32 -> tensor.getIntBuffer().get(0);
      case INT64 -> tensor.getLongBuffer().get(0);
      case BOOLEAN -> tensor.getByteBuffer().get(0) != 0;
      case STRING -> text(tensor.getValue());
    };
  }

  private static Object floats(int size, FloatBuffer buffer) {
    if (size == 1) {
      return (double) buffer.get(0);
    }
    double[] values = new double[size];
    for (int i = 0; i < size; i++) {
      values[i] = buffer.get(i);
    }
    return values;
  }

  private static String text(Object value) {
    Object inner = value;
    while (inner instanceof Object[] array) {
      inner = array[0];
    }
    return inner.toString();
  }
}
