package io.millrace.models.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.models.onnx.Tensor.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

class InspectionTest {
  @Test
  void tellsInputsAndOutputsInOrder() {
    assertThat(Inspection.of(OnnxModels.columns(), 0, List.of()))
        .isEqualTo(
            new Signature(
                List.of(
                    new Tensor("device", Kind.STRING, 2, 1),
                    new Tensor("hour", Kind.INT64, 2, 1),
                    new Tensor("dwell_ms", Kind.FLOAT, 2, 1)),
                List.of(
                    new Tensor("score", Kind.FLOAT, 2, 1),
                    new Tensor("shift", Kind.STRING, 2, 1))));
    assertThat(Inspection.of(OnnxModels.trees(), 0, List.of("probabilities")))
        .isEqualTo(
            new Signature(
                List.of(new Tensor("float_input", Kind.FLOAT, 2, 2)),
                List.of(new Tensor("probabilities", Kind.FLOAT, 2, 2))));
  }

  @Test
  void takesTheNumberOfColumnsWhereTheModelDoesNotTell() {
    assertThat(Inspection.of(OnnxModels.vague(), 2, List.of()))
        .isEqualTo(
            new Signature(
                List.of(new Tensor("float_input", Kind.FLOAT, 2, 2)),
                List.of(new Tensor("negative", Kind.FLOAT, 2, Inspection.UNKNOWN))));
    refused(
        OnnxModels.vague(),
        "Cannot tell how many columns the input float_input has. Name them in order with"
            + " --columns");
  }

  @Test
  void refusesWhatIsNoTable() {
    refused(
        OnnxModels.maps(),
        "Cannot use output_probability of the model, which is a sequence or a map and no tensor."
            + " Export a classifier of scikit-learn with options={'zipmap': False}");
    refused(
        identity(OnnxGraph.FLOAT, OnnxGraph.ROWS, 3, 224, 224),
        "Cannot feed the input x of shape [-1, 3, 224, 224]: expected [rows] or [rows, columns],"
            + " with any number of rows. Export it so");
    refused(
        identity(OnnxGraph.FLOAT, 32, 4),
        "Cannot feed the input x of shape [32, 4]: expected [rows] or [rows, columns], with any"
            + " number of rows. Export it so");
    refused(
        identity(10, OnnxGraph.ROWS, 4),
        "Cannot use x of the model, which is a tensor of FLOAT16. Expected float, double, int32,"
            + " int64, bool or string");
    assertThatThrownBy(() -> Inspection.of(OnnxModels.trees(), 0, List.of("probability")))
        .hasMessage("Unknown output probability. The model gives label, probabilities");
    assertThatThrownBy(() -> Inspection.of(new byte[] {1, 2, 3}, 0, List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Cannot use the model: ONNX Runtime refuses it: ");
  }

  private static byte[] identity(int type, long... shape) {
    return new OnnxGraph()
        .node(OnnxGraph.Node.of("", "Identity", "x", "y"))
        .input("x", type, shape)
        .output("y", type, shape)
        .bytes();
  }

  private static void refused(byte[] model, String message) {
    assertThatThrownBy(() -> Inspection.of(model, 0, List.of())).hasMessage(message);
  }
}
