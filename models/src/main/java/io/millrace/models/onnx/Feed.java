package io.millrace.models.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** The values that one row has for one input of a model, in memory that ONNX Runtime reads. */
final class Feed implements AutoCloseable {
  private final OrtEnvironment environment;
  private final Tensor tensor;
  private final ByteBuffer numbers;
  private final String[] texts;
  private @Nullable OnnxTensor value;

  private Feed(OrtEnvironment environment, Tensor tensor, ByteBuffer numbers) {
    this.environment = environment;
    this.tensor = tensor;
    this.numbers = numbers;
    this.texts = new String[tensor.kind() == Tensor.Kind.STRING ? tensor.size() : 0];
  }

  static Feed of(OrtEnvironment environment, Tensor tensor) throws OrtException {
    int bytes = tensor.size() * width(tensor.kind());
    Feed feed =
        new Feed(
            environment, tensor, ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder()));
    if (tensor.kind() != Tensor.Kind.STRING) {
      feed.value =
          OnnxTensor.createTensor(environment, feed.numbers, tensor.shape(), type(tensor.kind()));
    }
    return feed;
  }

  Tensor tensor() {
    return tensor;
  }

  void number(int place, double number) {
    switch (tensor.kind()) {
      case FLOAT -> numbers.putFloat(place * Float.BYTES, (float) number);
      case DOUBLE -> numbers.putDouble(place * Double.BYTES, number);
      case INT32, INT64, BOOLEAN, STRING -> throw new IllegalStateException("Expected " + tensor);
    }
  }

  void whole(int place, long number) {
    switch (tensor.kind()) {
      case INT32 -> numbers.putInt(place * Integer.BYTES, (int) number);
      case INT64 -> numbers.putLong(place * Long.BYTES, number);
      case BOOLEAN -> numbers.put(place, (byte) number);
      case FLOAT, DOUBLE, STRING -> throw new IllegalStateException("Expected " + tensor);
    }
  }

  void text(int place, String text) {
    texts[place] = text;
  }

  /** What ONNX Runtime takes. It is closed with this, or as the next is made. */
  OnnxTensor value() throws OrtException {
    OnnxTensor known = value;
    if (known != null && tensor.kind() != Tensor.Kind.STRING) {
      return known;
    }
    close();
    OnnxTensor made = OnnxTensor.createTensor(environment, texts, tensor.shape());
    value = made;
    return made;
  }

  @Override
  public void close() {
    OnnxTensor known = value;
    if (known != null) {
      known.close();
      value = null;
    }
  }

  private static int width(Tensor.Kind kind) {
    return switch (kind) {
      case FLOAT, INT32 -> Float.BYTES;
      case DOUBLE, INT64 -> Double.BYTES;
      case BOOLEAN -> 1;
      case STRING -> 0;
    };
  }

  private static OnnxJavaType type(Tensor.Kind kind) {
    return switch (kind) {
      case FLOAT -> OnnxJavaType.FLOAT;
      case DOUBLE -> OnnxJavaType.DOUBLE;
      case INT32 -> OnnxJavaType.INT32;
      case INT64 -> OnnxJavaType.INT64;
      case BOOLEAN -> OnnxJavaType.BOOL;
      case STRING -> OnnxJavaType.STRING;
    };
  }
}
