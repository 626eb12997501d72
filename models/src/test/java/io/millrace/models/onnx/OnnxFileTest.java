package io.millrace.models.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.models.onnx.OnnxGraph.Node;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What the file of a model may not do. */
class OnnxFileTest {
  private static final String ELSEWHERE =
      "Cannot use a model with data in other files: it could read any file. Save it as one file, as"
          + " onnx.save_model does with save_as_external_data=False";

  @Test
  void tellsProducerAndOperators() {
    OnnxFile file = OnnxFile.of(OnnxModels.columns());

    assertThat(file.producer()).isEqualTo("by hand 1.0");
    assertThat(file.operators())
        .containsExactly(
            "ai.onnx.ml.LabelEncoder",
            "ai.onnx.Cast",
            "ai.onnx.Concat",
            "ai.onnx.Gemm",
            "ai.onnx.Sigmoid",
            "ai.onnx.ml.LabelEncoder");
  }

  @Test
  void refusesWeightsInOtherFiles() {
    refused(
        new OnnxGraph().external("weights", new long[] {2, 1}, "../../etc/passwd").bytes(),
        ELSEWHERE);
  }

  /** Wherever a tensor may lie, and by the sign of a place as by the place itself. */
  @Test
  void refusesThemInEveryCorner() {
    for (Message tensor :
        new Message[] {
          new Message().number(14, 1),
          new Message().message(13, new Message().text(1, "location").text(2, "a"))
        }) {
      Message sparse = new Message().message(1, tensor);
      Message attribute = new Message().message(5, tensor);
      Message inner = graph(new Message().message(5, tensor));
      for (Message graph :
          new Message[] {
            new Message().message(15, sparse),
            new Message().message(15, new Message().message(2, tensor)),
            node(attribute),
            node(new Message().message(10, tensor)),
            node(new Message().message(22, sparse)),
            node(new Message().message(23, sparse)),
            node(new Message().message(6, new Message().message(5, tensor))),
            node(new Message().message(11, new Message().message(5, tensor)))
          }) {
        refused(graph(graph).bytes(), ELSEWHERE);
      }
      refused(
          graph(new Message()).message(25, new Message().message(11, attribute)).bytes(),
          ELSEWHERE);
      refused(
          graph(new Message())
              .message(25, new Message().message(7, new Message().message(5, attribute)))
              .bytes(),
          ELSEWHERE);
      refused(
          graph(new Message()).message(20, new Message().message(2, inner(inner))).bytes(),
          ELSEWHERE);
      refused(graph(new Message()).bytes(7, inner(inner).bytes()).bytes(), ELSEWHERE);
    }
  }

  private static Message node(Message attribute) {
    return new Message().message(1, new Message().text(4, "If").message(5, attribute));
  }

  private static Message graph(Message graph) {
    return new Message().message(7, graph);
  }

  /** A graph with a node that has the graph of a model in it. */
  private static Message inner(Message model) {
    byte[] bytes = model.bytes();
    int header = bytes.length - new Message().bytes(7, new byte[0]).bytes().length;
    assertThat(header).isPositive();
    Message attribute = new Message().bytes(6, Arrays.copyOfRange(bytes, 2, bytes.length));
    return node(attribute);
  }

  @Test
  void refusesOperatorsOfOthers() {
    refused(
        new OnnxGraph().node(Node.of("com.evil", "Gadget", "x", "y")).bytes(),
        "Cannot use the operator com.evil.Gadget: only those of ai.onnx and ai.onnx.ml are run."
            + " Export the model without it");
    refused(
        new OnnxGraph().node(Node.of("com.microsoft", "EPContext", "x", "y")).bytes(),
        "Cannot use the operator com.microsoft.EPContext: only those of ai.onnx and ai.onnx.ml"
            + " are run. Export the model without it");
  }

  @Test
  void refusesGraphsThatAreNestedWithoutEnd() {
    Message nested = new Message();
    for (int i = 0; i < 200; i++) {
      nested = node(new Message().message(6, nested));
    }
    refused(
        graph(nested).bytes(), "Cannot read the model: its graphs are nested more than 100 deep");
  }

  @Test
  void refusesWhatIsNoModel() {
    refused(new byte[0], "Cannot read the model: it is no ONNX file, as it has no graph");
    refused(
        "{\"format\": 1}".getBytes(StandardCharsets.UTF_8),
        "Cannot read the model: it is no ONNX file");
    byte[] model = OnnxModels.trees();
    refused(Arrays.copyOf(model, model.length - 20), "Cannot read the model: it is no ONNX file");
    refused(
        new byte[] {(byte) 0x82, (byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x10, 0},
        "Cannot read the model: it is no ONNX file");
  }

  private static void refused(byte[] model, String message) {
    assertThatThrownBy(() -> OnnxFile.of(model))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
