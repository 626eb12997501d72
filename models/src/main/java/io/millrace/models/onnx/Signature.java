package io.millrace.models.onnx;

import java.io.Serializable;
import java.util.List;

/** What a model takes, and what it gives, in its order. */
public record Signature(List<Tensor> inputs, List<Tensor> outputs) implements Serializable {
  public Signature {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /** Whether a model that tells another one of itself, perhaps without all sizes, can be this. */
  public boolean fits(Signature told) {
    if (!told.inputs.equals(inputs) || told.outputs.size() != outputs.size()) {
      return false;
    }
    for (int i = 0; i < outputs.size(); i++) {
      Tensor own = outputs.get(i);
      Tensor other = told.outputs.get(i);
      boolean open = other.size() == Inspection.UNKNOWN && own.size() > 0;
      if (!other.equals(own) && !(open && other.equals(own.withSize(Inspection.UNKNOWN)))) {
        return false;
      }
    }
    return true;
  }

  /** How many values one row has for it. */
  public int width() {
    return inputs.stream().mapToInt(Tensor::size).sum();
  }
}
