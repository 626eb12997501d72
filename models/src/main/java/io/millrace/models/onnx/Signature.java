package io.millrace.models.onnx;

import java.io.Serializable;
import java.util.List;

/** What a model takes, and what it gives, in its order. */
public record Signature(List<Tensor> inputs, List<Tensor> outputs) implements Serializable {
  public Signature {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /** How many values one row has for it. */
  public int width() {
    return inputs.stream().mapToInt(Tensor::size).sum();
  }
}
